import LedgerCore

/// A script with what a merge did to it.
struct BroughtScript {
    enum Fate: Equatable {
        case added, changed, deleted
        /// It is here now; the path is the one that it had before.
        case renamed(from: String)
        /// It left this path, under whose name it was another change; the path is the new one.
        case moved(to: String)
    }

    let file: FileChange
    let path: String
    let name: ChangeName
    var fate: Fate
    /// The file's bytes, where finding its names took them and they are few.
    let bytes: [UInt8]?

    /// Scripts of one change, all here or all gone, have one key.
    struct Key: Hashable {
        let service: Int
        let id: [UInt8]
        let isGone: Bool
    }

    var key: Key { Key(service: file.service, id: Array(name.id.utf8), isGone: isGone) }

    var isGone: Bool {
        switch fate {
        case .deleted, .moved: true
        case .added, .changed, .renamed: false
        }
    }
}
