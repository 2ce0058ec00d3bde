import Glibc
import LedgerCore

/// What a command will run, read before it starts: one deployment for each script file that it
/// names, since each file is a change of its own; they share a group. SQL among the arguments and
/// on standard input belongs to them, and is a deployment only where there is no file.
///
/// With `--change` everything is one deployment of that change.
struct RunPlan {
    struct Deployment {
        let id: String
        let change: (id: String, name: String, isRepeatable: Bool)
        /// The change's content; nil if it is not known, or not known yet.
        let script: RunScript?
        /// What ran besides it, by attachment name.
        let others: [(name: String, script: RunScript)]
        /// The script's path as the command names it.
        let givenPath: String?
        /// What undoes the script, if it lies beside it or in it.
        let undo: [UInt8]?
    }

    private(set) var deployments: [Deployment] = []
    private(set) var notes: [String] = []
    /// Standard input is a pipe that must be passed on to see the script.
    private(set) var awaitsStandardInput = false
    /// Somebody types to psql at a terminal.
    let isTyped: Bool

    private let applies: Bool
    private var files: [(given: String?, script: RunScript?)] = []
    private var others: [RunScript] = []

    /// - Parameter standardInput: where standard input comes from.
    init(
        request: RunRequest, command: RecognizedCommand, changeFromPath: @escaping ChangeFromPath,
        mint: IDMint, standardInput: Int32 = STDIN_FILENO
    ) {
        isTyped =
            command.tool == "psql" && command.scripts == [.standardInput]
            && isatty(standardInput) == 1
        applies = request.operation.map { $0 == DeploymentOperation.apply.rawValue } ?? true
        let sources = request.file.map { [.file($0)] } ?? command.scripts
        for source in sources { read(source, standardInput) }
        let naming = ChangeNames(given: request.change, fromPath: changeFromPath)
        if request.change == nil, files.count > 1 {
            deployments = files.map { file in
                deployment(naming, mint, script: file.script, given: file.given, others: others)
            }
            return
        }
        // One deployment: its script is the only thing that runs, or the only file.
        let scripts = files.compactMap(\.script)
        let main = scripts.count == 1 ? scripts[0] : nil
        let only = files.isEmpty && others.count == 1 && !awaitsStandardInput ? others[0] : nil
        let rest = (main == nil ? scripts : []) + (only == nil ? others : [])
        let given = files.count == 1 ? files[0].given : nil
        deployments = [
            deployment(naming, mint, script: main ?? only, given: given, others: rest)
        ]
    }

    private mutating func read(_ source: RecognizedCommand.Script, _ standardInput: Int32) {
        do throws(LedgerError) {
            switch source {
            // Part of the command line, and without its secrets as that is.
            case .inline(let text):
                others.append(RunScript(inline: SecretFreeText.text(of: text)))
            case .file(let path):
                files.append((path, nil))
                files[files.count - 1].script = try RunScript.file(path)
            case .standardInput:
                if let script = try RunScript.redirected(standardInput) {
                    if script.path == nil {
                        others.append(script)
                    } else {
                        files.append((nil, script))
                    }
                } else if StandardInputTee.canTake(standardInput) {
                    awaitsStandardInput = true
                }
            }
        } catch {
            notes.append(error.message)
        }
    }

    private func deployment(
        _ naming: ChangeNames, _ mint: IDMint, script: RunScript?, given: String?,
        others: [RunScript]
    ) -> Deployment {
        // The script, what undoes it and standard input have places of their own.
        let kept = others.prefix(EventSchema.attachmentCountLimit - 3)
        let named = kept.enumerated().map { ("script.\($0.offset + 1)", $0.element) }
        return Deployment(
            id: mint.next(),
            change: naming.change(
                path: given ?? script?.path, content: script?.bytes, mint: mint),
            script: script, others: named, givenPath: given ?? script?.path,
            undo: applies
                ? script.flatMap { UndoScript.bytes(for: $0.path, content: $0.bytes) } : nil)
    }
}

/// Finds a change's id and name from what was given and from the script's path.
struct ChangeNames {
    /// `--change`: an id or a name.
    let given: String?
    let fromPath: ChangeFromPath

    func change(
        path: String?, content: [UInt8]?, mint: IDMint
    ) -> (id: String, name: String, isRepeatable: Bool) {
        if let given {
            // `--change V42__add_index` is Flyway's change 42: its path says so.
            for candidate in [path, given + ".sql"].compactMap(\.self) {
                guard let found = fromPath(candidate, content),
                    found.id == given || found.name == given
                else { continue }
                return found
            }
            return (given, given, false)
        }
        if let path { return fromPath(path, content) ?? (path.stem, path.stem, false) }
        let id = "manual-" + mint.next()
        return (id, id, false)
    }
}

extension String {
    /// A file's name without folders and its last extension.
    fileprivate var stem: String {
        let name = baseName
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }
}
