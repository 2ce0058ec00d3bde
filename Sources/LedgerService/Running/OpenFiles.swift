import Glibc

/// How many files and connections this process may have open at once.
enum OpenFiles {
    /// Takes all that the system lets it take: what most systems give at first, 1,024, is less than
    /// the connections that the service accepts.
    static func raiseLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
