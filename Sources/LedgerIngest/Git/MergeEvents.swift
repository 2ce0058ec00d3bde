import LedgerCore
import LedgerCrypto

// MergeEvents.swift
//
// What a merge says, as events:
//
//    a script that carries a change out, added, changed or renamed   merge
//    such a script deleted                                           merge, labels.git "deleted"
//    a script that undoes a change, with the change itself           attached to the change's merge
//    the part of a script that undoes the rest (UndoSection.swift)   likewise
//    a script that undoes a change, alone                            rollback_plan
//    such a script deleted while the change stays                    note about the change
//
// `id` is the commit and the path (or the change, where a file holds several), `source` the
// repository; so the same merge read from another clone, or once more, is the same event.
// `labels.git` is "added", "changed", "deleted" or "renamed"; `labels.git_old_path` and
// `git_new_path` tell where a script came from and went. A deletion is an event because an auditor
// asks where a script that ran has gone; one without bytes, since there are none any more.
//
// Who merged: the committer of the merge. A forge that commits for its users (GitHub) names the one
// who pressed the button as the merge's author, so there the author counts; in a squash it does not
// tell, and the forge itself is the actor.

/// Makes the events of one merge.
struct MergeEvents {
    private static let linkName = "pull_request"

    let repository: GitRepository
    let name: RepositoryName
    let ref: String
    let services: [GitImportOptions.Service]
    let tickets: TicketPattern
    let scripts: ScriptReader

    init(
        repository: GitRepository, ref: String, services: [GitImportOptions.Service],
        tickets: TicketPattern
    ) {
        self.repository = repository
        name = repository.name()
        self.ref = ref
        self.services = services
        self.tickets = tickets
        scripts = ScriptReader(repository: repository, services: services)
    }

    var source: String { "git:" + name.canonical }

    /// Calls `record` for each event, in Git's order of paths.
    func make(
        of commit: Commit, files: [FileChange], report: inout GitImportReport,
        record: (Event) throws -> Void
    ) throws {
        let read = try scripts.scripts(of: files)
        report.unnamedFiles += read.unnamed
        let origins =
            commit.isMerge
            ? try AuthorSearch(repository: repository).origins(of: files, in: commit) : [:]
        if origins.values.contains(where: { $0.commit == nil }) { report.mergesWithoutAuthor += 1 }
        let message = commit.message
        let merge = Merge(
            commit: commit, message: message, ticket: message.ticket(tickets),
            common: common(to: commit, message))
        var carryingOut: Set<BroughtScript.Key> = []
        var undoing: [BroughtScript.Key: BroughtScript] = [:]
        for script in read.scripts {
            switch script.name.role {
            case .apply: carryingOut.insert(script.key)
            case .revert: undoing[script.key] = undoing[script.key] ?? script
            case .none: break
            }
        }
        for script in read.scripts {
            let isCarryingOut = script.name.role == .apply
            let isAttached = script.isGone || undoing[script.key]?.path == script.path
            if !isCarryingOut, isAttached, carryingOut.contains(script.key) { continue }
            let undo = isCarryingOut && !script.isGone ? undoing[script.key] : nil
            try record(
                event(of: script, undoneBy: undo, in: merge, origins[script.file.path], &report))
            report.events += 1
        }
    }

    /// What the events of one merge share.
    private struct Merge {
        let commit: Commit
        let message: CommitMessage
        let ticket: String?
        let common: JSONObject
    }

    private func common(to merge: Commit, _ message: CommitMessage) -> JSONObject {
        let committer = merge.committer
        let actor = merge.isMerge && Forge.isCommitter(committer) ? merge.author : committer
        let page = message.requestNumber.flatMap { name.page(ofRequest: $0) }
        return JSONObject([
            "source": .string(source),
            "time": committer.time.map { .string($0.utc) },
            "actor": Self.person(actor),
            "title": GitText.line(message.subject, limit: 1000).map(JSON.string),
            "message": GitText.text(message.body, limit: 65_536).map(JSON.string),
            "links": page.map { [Self.linkName: .string($0)] },
            "trigger": ["kind": "git"],
            "git": .object(
                JSONObject([
                    "repository": .string(name.text), "commit": .string(merge.id.hex),
                    "ref": GitText.line(ref, limit: 400).map(JSON.string),
                    "signed": .bool(merge.isSigned),
                ])),
        ])
    }

    private func event(
        of script: BroughtScript, undoneBy undo: BroughtScript?, in merge: Merge,
        _ origin: AuthorSearch.Origin?, _ report: inout GitImportReport
    ) throws(LedgerError) -> Event {
        let service = services[script.file.service].name
        let type = type(of: script)
        // What came from no merged side was written in the merge, or is a commit of its own.
        let writer = origin.map(\.commit) ?? merge.commit
        let writerMessage = origin == nil ? merge.message : writer?.message
        let ticket = merge.ticket ?? writerMessage?.ticket(tickets)
        var content = ScriptContent()
        if !script.isGone {
            content = try self.content(of: script, undoneBy: undo)
            let stated = strategy([writerMessage, merge.message], in: merge.commit, &report)
            let undone: RollbackStrategy? = content.isUndone ? .reversible : nil
            content.rollback["strategy"] = (stated ?? undone).map { .string($0.rawValue) }
            // A trailer speaks of all that a merge brings: who plans for a change says it of that.
            if !content.rollback.isEmpty { content.rollback["inferred"] = true }
        }
        let change = content.change.merging(
            JSONObject([
                "id": .string(GitText.name(script.name.id)),
                "name": .string(GitText.name(script.name.name)),
                "tool": script.name.tool.map { .string($0.rawValue) },
                "ticket": ticket.flatMap { GitText.line($0, limit: 200) }.map(JSON.string),
                "repeatable": script.name.isRepeatable ? true : nil,
            ]))
        let head = origin?.head ?? merge.commit.parentIDs.dropFirst().first
        let members = merge.common.merging(
            JSONObject([
                "id": .string(id(of: script, in: merge.commit)),
                "type": .string(type.rawValue),
                "service": .string(service),
                "change": .object(change),
                "rollback": content.rollback.isEmpty ? nil : .object(content.rollback),
                "author": writer.flatMap { Self.person($0.author) },
                "about": type == .note
                    ? [["change": .string("\(service):\(GitText.name(script.name.id))")]] : nil,
                "git": .object(
                    JSONObject([
                        "path": GitText.line(script.path, limit: 4096).map(JSON.string),
                        "blob": script.file.new.map { .string($0.hex) },
                        "head_commit": head.map { .string($0.hex) },
                    ])),
                "labels": .object(labels(of: script)),
            ]))
        do throws(LedgerError) {
            var event = try EventReader.event(from: members, attachments: content.attachments)
            event.isDerived = true
            return event
        } catch {
            throw error.prefixed("\(merge.commit.id.short) \(script.path)")
        }
    }

    /// A script's bytes and those that undo it, as members and attachments.
    private struct ScriptContent {
        var change = JSONObject()
        var rollback = JSONObject()
        var attachments: [Attachment] = []

        var isUndone: Bool { !rollback.isEmpty }

        mutating func add(_ bytes: [UInt8], ofPath path: String, undoes: Bool) {
            // Scripts above the limit are named by their digest alone.
            if bytes.count > EventSchema.attachmentByteLimit {
                let digest = JSON.string(Attachment.text(of: SHA256.hash(bytes)))
                if undoes { rollback["script_digest"] = digest } else { change["digest"] = digest }
                return
            }
            // The reader adds the digest of what is attached; an object says that it is there.
            if undoes {
                rollback["script_digest"] = .string(Attachment.text(of: SHA256.hash(bytes)))
            }
            attachments.append(
                Attachment(
                    name: undoes ? Attachment.rollbackScript : Attachment.script,
                    mediaType: ScriptPath(path).isSQL ? nil : "text/plain", bytes: bytes))
        }
    }

    private func content(
        of script: BroughtScript, undoneBy undo: BroughtScript?
    ) throws(LedgerError) -> ScriptContent {
        var content = ScriptContent()
        let bytes = try bytes(of: script)
        content.add(bytes, ofPath: script.path, undoes: script.name.role == .revert)
        if let undo, case let bytes = try self.bytes(of: undo), UndoSection.undoes(bytes) {
            content.add(bytes, ofPath: undo.path, undoes: true)
        } else if script.name.range != nil, let undoBytes = LiquibaseSQL.rollback(in: bytes[...]) {
            content.add(undoBytes, ofPath: script.path, undoes: true)
        } else if script.name.role == .apply, let undoBytes = UndoSection.bytes(in: bytes) {
            content.add(undoBytes, ofPath: script.path, undoes: true)
        }
        return content
    }

    private func type(of script: BroughtScript) -> EventType {
        if script.name.role == .apply { return .merge }
        return script.isGone ? .note : .rollbackPlan
    }

    private func id(of script: BroughtScript, in merge: Commit) -> String {
        let key = script.name.range == nil ? script.path : script.name.id
        let id = merge.id.hex + ":" + key
        return id.utf8.count <= 200
            ? id : merge.id.hex + ":" + SHA256.hash(Array(key.utf8)).hex
    }

    private func labels(of script: BroughtScript) -> JSONObject {
        func text(_ path: String) -> JSON { .string(GitText.line(path, limit: 1000) ?? "?") }
        return switch script.fate {
        case .added: JSONObject(["git": "added"])
        case .changed: JSONObject(["git": "changed"])
        case .deleted: JSONObject(["git": "deleted"])
        case .renamed(let old): JSONObject(["git": "renamed", "git_old_path": text(old)])
        case .moved(let new): JSONObject(["git": "deleted", "git_new_path": text(new)])
        }
    }

    // The commit that wrote the script speaks of it alone, the merge of all that it brings: the
    // first message that names a strategy counts.
    private func strategy(
        _ messages: [CommitMessage?], in merge: Commit, _ report: inout GitImportReport
    ) -> RollbackStrategy? {
        for message in messages {
            switch message?.rollbackStrategy() {
            case .known(let strategy)?: return strategy
            case .unknown(let word)?:
                let shown = GitText.line(word, limit: 60) ?? ""
                report.warn(
                    "\(merge.id.short): \"Rollback-Strategy: \(shown)\""
                        + " is not known and was left out (known are "
                        + "\(RollbackStrategy.allCases.map(\.rawValue).joined(separator: ", ")))")
            case nil: break
            }
        }
        return nil
    }

    private func bytes(of script: BroughtScript) throws(LedgerError) -> [UInt8] {
        guard let id = script.file.new else { return [] }
        let bytes: [UInt8]
        if let kept = script.bytes { bytes = kept } else { bytes = try repository.blob(id) }
        return script.name.range.map { Array(bytes[$0]) } ?? bytes
    }

    private static func person(_ signature: Signature) -> JSON? {
        let id =
            GitText.line(signature.email, limit: 320) ?? GitText.line(signature.name, limit: 320)
        guard let id else { return nil }
        return .object(
            JSONObject([
                "id": .string(id),
                "name": GitText.line(signature.name, limit: 320).map(JSON.string),
                "kind": Forge.isService(signature) ? "service" : nil,
            ]))
    }
}
