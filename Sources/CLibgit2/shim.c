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
    // Hashing each object takes longer than reading it, and `git log` doesn't do it. What becomes
    // part of an event is hashed in Swift.
    status = git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    if (status < 0) {
        return status;
    }
    // Neither changes how objects and references are read. `git sparse-checkout` sets the first.
    const char *extensions[] = {"worktreeconfig", "preciousobjects"};
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, 2);
}

int ledger_git_next_difference(const git_tree *first, size_t *first_place,
                               const git_tree *second, size_t *second_place) {
    size_t first_count = git_tree_entrycount(first);
    size_t second_count = git_tree_entrycount(second);
    while (*first_place < first_count && *second_place < second_count) {
        const git_tree_entry *left = git_tree_entry_byindex(first, *first_place);
        const git_tree_entry *right = git_tree_entry_byindex(second, *second_place);
        int order = git_tree_entry_cmp(left, right);
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
        if (!git_oid_equal(git_tree_entry_id(left), git_tree_entry_id(right)) ||
            git_tree_entry_filemode_raw(left) != git_tree_entry_filemode_raw(right)) {
            return 0;
        }
        ++*first_place;
        ++*second_place;
    }
    if (*first_place < first_count) {
        return -1;
    }
    return *second_place < second_count ? 1 : 2;
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
