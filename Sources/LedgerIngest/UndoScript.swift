import Glibc
import LedgerCore

// UndoScript.swift
//
// Where the script that undoes another one lies by custom:
//
//    V42__x.sql            U42__x.sql
//    x.up.sql, x.do.sql    x.down.sql, x.undo.sql
//    deploy/x.sql          revert/x.sql
//    up.sql, migration.sql down.sql in the same folder
//    x.sql                 x.down.sql, x.rollback.sql
//
// or in the script itself (UndoSection.swift).

/// Finds what undoes a script that is about to run.
public enum UndoScript {
    /// Its bytes; nil if there is none, or if it is larger than what is kept.
    ///
    /// A few files are looked for beside the script, and nothing is told of what can't be read:
    /// nobody has asked for it.
    public static func bytes(for path: String?, content: [UInt8]?) -> [UInt8]? {
        for candidate in path.map(paths) ?? [] {
            if let bytes = file(candidate) { return bytes }
        }
        return content.flatMap(UndoSection.bytes)
    }

    /// Where it may lie.
    static func paths(for path: String) -> [String] {
        let script = ScriptPath(path)
        if script.direction == .revert || script.fileExtension.isEmpty { return [] }
        let folder = String(path.utf8.dropLast(script.fileName.utf8.count)) ?? ""
        let end = String(script.fileName.utf8.dropFirst(script.fullStem.utf8.count)) ?? ""
        if let place = script.folders.lastIndex(where: { $0 == "deploy" || $0 == "revert" }) {
            if script.folders[place] == "revert" { return [] }
            var folders = script.folders
            folders[place] = "revert"
            let root = path.hasPrefix("/") ? "/" : ""
            return [root + (folders + [script.fileName]).joined(separator: "/")]
        }
        if let version = script.fullStem.dropFirst().utf8.first, 0x30...0x39 ~= version,
            script.fullStem.contains("__")
        {
            if script.fullStem.hasPrefix("V") {
                return [folder + "U" + script.fileName.dropFirst()]
            }
            if script.fullStem.hasPrefix("U") { return [] }
        }
        if script.direction == .apply {
            let isDo = script.fullStem.lowercased().hasSuffix(".do")
            return [folder + script.stem + (isDo ? ".undo" : ".down") + end]
        }
        switch script.fullStem {
        case "up", "migration": return [folder + "down" + end]
        case "down": return []
        default: return [".down", ".rollback"].map { folder + script.stem + $0 + end }
        }
    }

    private static func file(_ path: String) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            1...EventSchema.attachmentByteLimit ~= Int(status.st_size)
        else { return nil }
        return try? RunScript.file(path).bytes
    }
}
