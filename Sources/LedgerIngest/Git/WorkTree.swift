import Glibc
import LedgerCore
import LedgerCrypto

// WorkTree.swift
//
// The scripts of a work tree are the files that `ledger import git` would take if all of it were
// committed: by the same paths, named in the same way, digested as a merge of them is. What Git
// ignores is left out, and so are other repositories in it, symbolic links, and all that a merge
// would not bring as a change. Without a repository around it, the folder is the whole tree.

/// The scripts of a folder as they lie there, committed or not.
public struct WorkTree {
    /// A script that carries a change out.
    public struct Script: Sendable {
        public let service: String
        public let name: ChangeName
        /// From the tree's root.
        public let path: String
        public let digest: Digest
    }

    private let root: String
    private let repository: GitRepository?
    private let services: [GitImportOptions.Service]
    private let paths: ScriptPaths

    /// - Parameter folder: the tree's, or one in it.
    /// - Throws: `usage` for a path that can't be followed, `io` for a repository that can't be read.
    public init(
        at folder: String, services: [GitImportOptions.Service]
    ) throws(LedgerError) {
        self.services = services
        paths = try ScriptPaths(
            services.map {
                (paths: $0.paths, readsChangelogs: $0.naming.tool == .liquibase)
            })
        do throws(LedgerError) {
            repository = try GitRepository(at: folder)
        } catch {
            guard error.code == .notFound else { throw error }
            repository = nil
        }
        root = repository?.workFolder ?? folder
    }

    /// By service, and then by path.
    public func scripts() throws(LedgerError) -> [Script] {
        var found: [(service: Int, script: Script)] = []
        try walk("", paths.root) { (service, path) throws(LedgerError) in
            found += try scripts(of: path, service).map { (service, $0) }
        }
        return services.indices.flatMap { service in
            found.filter { $0.service == service }.map(\.script)
        }
    }

    /// - Parameter folder: from the root; ends with a slash, but for the root itself.
    private func walk(
        _ folder: String, _ state: ScriptPaths.State,
        _ found: (Int, String) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        for name in try names(in: folder) {
            let path = folder + name
            switch Self.kind(of: "\(root)/\(path)") {
            case S_IFREG:
                guard let service = paths.service(ofFile: Array(name.utf8), in: state),
                    repository?.isLeftAlone(path) != true
                else { continue }
                try found(service, path)
            case S_IFDIR:
                let next = paths.state(after: state, into: Array(name.utf8))
                if next.isEmpty || access("\(root)/\(path)/.git", F_OK) == 0 { continue }
                if repository?.isLeftAlone(path + "/") == true { continue }
                try walk(path + "/", next, found)
            default: continue
            }
        }
    }

    /// Without Git's own, in the order of their bytes.
    private func names(in folder: String) throws(LedgerError) -> [String] {
        guard let stream = opendir("\(root)/\(folder)") else {
            throw LedgerError(.io, "the folder \(root)/\(folder) is not read: \(ErrnoText.text())")
        }
        defer { closedir(stream) }
        var names: [ExactText] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    String(validatingCString: $0)
                }
            }
            guard let name else {
                throw LedgerError(
                    .io, "a file in \(root)/\(folder) has a name that is not UTF-8",
                    advice: "rename it, or give the change and --file")
            }
            if ![".", "..", ".git"].contains(name) { names.append(ExactText(name)) }
        }
        return names.sorted().map(\.text)
    }

    private static func kind(of path: String) -> UInt32 {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
    }

    private func scripts(of path: String, _ service: Int) throws(LedgerError) -> [Script] {
        let file = try RunScript.file("\(root)/\(path)")
        let service = services[service]
        let name = GitText.path(Array(path.utf8))
        return service.naming.names(forPath: name, content: file.bytes).compactMap { name in
            guard name.role == .apply else { return nil }
            let own = name.range.flatMap { range in file.bytes.map { Array($0[range]) } }
            return Script(
                service: service.name, name: ScriptReader.fitting(name), path: path,
                digest: own.map { SHA256.hash($0) } ?? file.digest)
        }
    }
}
