#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

int ledger_git_start(void) {
    int status = git_libgit2_init();
    if (status < 0) {
        return status;
    }
    // A repository of another owner can name programs and files in its configuration: libgit2 must
    // go on refusing it unless the user has listed it as safe.
    status = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
    if (status < 0) {
        return status;
    }
    // Commits and trees are read once; without a bound the cache would grow to 256 MiB with them.
    status = git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)(8 * 1024 * 1024));
    if (status < 0) {
        return status;
    }
    // Neither changes how objects and references are read. `git sparse-checkout` sets the first.
    const char *extensions[] = {"worktreeconfig", "preciousobjects"};
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, 2);
}

int ledger_git_loose_object_is_whole(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT ? 1 : -1;
    }
    z_stream stream = {0};
    if (inflateInit(&stream) != Z_OK) {
        close(file);
        errno = ENOMEM;
        return -1;
    }
    unsigned char input[16 * 1024];
    unsigned char output[64 * 1024];
    int status = Z_OK;
    ssize_t count = 0;
    while (status == Z_OK) {
        if (stream.avail_in == 0) {
            do {
                count = read(file, input, sizeof(input));
            } while (count < 0 && errno == EINTR);
            if (count <= 0) {
                break;
            }
            stream.next_in = input;
            stream.avail_in = (uInt)count;
        }
        stream.next_out = output;
        stream.avail_out = sizeof(output);
        status = inflate(&stream, Z_NO_FLUSH);
    }
    int error = errno;
    inflateEnd(&stream);
    close(file);
    errno = error;
    if (count < 0) {
        return -1;
    }
    return status == Z_STREAM_END ? 1 : 0;
}
