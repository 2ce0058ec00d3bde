import LedgerCore
import LedgerCrypto

/// The scripts of a tool, found in the folders where it looks for them.
struct ToolScripts {
    struct Script {
        let name: ChangeName
        let path: String
        /// Of Alembic's: the revisions that it builds on.
        var parents: [String] = []
    }

    /// Those that carry changes out, in the order of their paths.
    private(set) var scripts: [Script] = []
    private let tool: MigrationTool

    init(_ folders: [String], _ tool: MigrationTool) {
        self.tool = tool
        guard let naming = try? ChangeNaming(tool: tool) else { return }
        for path in ScriptFiles.paths(in: folders) {
            let content = naming.readsContent(ofPath: path) ? ScriptFiles.bytes(path) : nil
            for name in naming.names(forPath: path, content: content) where name.role == .apply {
                scripts.append(
                    Script(
                        name: name, path: path,
                        parents: tool == .alembic ? Self.parents(content ?? []) : []))
            }
        }
    }

    func script(of change: String) -> Script? { scripts.first { $0.name.id == change } }

    /// By its id, its name, or its file's name.
    func script(called name: String) -> Script? {
        scripts.first { script in
            [script.name.id, script.name.name, script.path.baseName].contains(name)
        }
    }

    /// Nil if the file can't be read, or its digest is not known.
    func content(of script: Script) -> RunScript? {
        guard let file = try? RunScript.file(script.path) else { return nil }
        guard let range = script.name.range else { return file }
        return file.bytes.map { bytes in
            RunScript(
                path: script.path, digest: SHA256.hash(Array(bytes[range])),
                bytes: Array(bytes[range]))
        }
    }

    /// What lies between two places where a database stood: what was carried out, and what undone,
    /// each in the order in which it happened.
    func moves(
        from before: [String], to after: [String]
    ) -> (applied: [ChangeName], reverted: [ChangeName]) {
        if tool == .alembic {
            let (old, new) = (lineage(of: before), lineage(of: after))
            let (wereThere, areThere) = (Set(old), Set(new))
            return (
                new.reversed().filter { !wereThere.contains($0) }.map(name),
                old.filter { !areThere.contains($0) }.map(name)
            )
        }
        // Numbers, of which the last one stands for all before it.
        func number(_ ids: [String]) -> Int64 { ids.compactMap { Int64($0) }.max() ?? -1 }
        let (old, new) = (number(before), number(after))
        let known = scripts.compactMap { script in
            Int64(script.name.id).map { (number: $0, name: script.name) }
        }.sorted { $0.number < $1.number }
        let applied = known.filter { old < $0.number && $0.number <= new }.map(\.name)
        let reverted = known.filter { new < $0.number && $0.number <= old }.reversed().map(\.name)
        return (applied.isEmpty && new > old ? after.map(name) : applied, reverted)
    }

    private func name(_ id: String) -> ChangeName {
        script(of: id)?.name ?? ChangeName(id: id, name: id, tool: tool)
    }

    /// These revisions and all that they build on, each before what it builds on.
    private func lineage(of heads: [String]) -> [String] {
        var found: [String] = []
        var seen: Set<String> = []
        func visit(_ revision: String) {
            guard seen.insert(revision).inserted else { return }
            for parent in script(of: revision)?.parents ?? [] { visit(parent) }
            found.append(revision)
        }
        for head in heads { visit(head) }
        return found.reversed()
    }

    // `down_revision = 'ab12'`, `down_revision: Union[str, None] = ('ab12', 'cd34')`.
    private static func parents(_ content: [UInt8]) -> [String] {
        for line in content.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            guard text.hasPrefix("down_revision"), let sign = text.firstIndex(of: "=") else {
                continue
            }
            let parts = text[sign...].split(
                omittingEmptySubsequences: false, whereSeparator: { $0 == "'" || $0 == "\"" })
            return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
        }
        return []
    }
}
