import LedgerCore
import LedgerCrypto

// MergeEvents.swift
//
// What a merge says, as events:
//
//    a script that carries a change out, added, changed or renamed   merge
//    such a script deleted                                           merge, labels.git "deleted"
//    a script that undoes a change, with the change itself           attached to the change's merge
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

    var source: String { "git:" + name.canonical }

    /// Calls `record` for each event, in Git's order of paths.
    func make(
        of merge: Commit, files: [FileChange], report: inout GitImportReport,
        record: (Event) throws -> Void
    ) throws {
        let read = try ScriptReader(repository: repository, services: services).scripts(of: files)
        report.unnamedFiles += read.unnamed
        let origins =
            merge.isMerge
            ? try AuthorSearch(repository: repository).origins(of: files, in: merge) : [:]
        if origins.values.contains(where: { $0.commit == nil }) { report.mergesWithoutAuthor += 1 }
        let common = common(to: merge)
        let undoing = read.scripts.filter { $0.name.role == .revert }
        let carryingOut = read.scripts.filter { $0.name.role == .apply }
        func partner(of script: BroughtScript, among others: [BroughtScript]) -> BroughtScript? {
            others.first {
                $0.file.service == script.file.service
                    && $0.name.id.hasSameBytes(as: script.name.id)
                    && $0.isGone == script.isGone
            }
        }
        for script in read.scripts {
            let isCarryingOut = script.name.role == .apply
            if !isCarryingOut, partner(of: script, among: carryingOut) != nil { continue }
            let undo =
                isCarryingOut && !script.isGone ? partner(of: script, among: undoing) : nil
            let event = try event(
                of: script, undoneBy: undo, in: merge, origins[script.file.path],
                isOriginKnown: !merge.isMerge || origins[script.file.path] == nil, common, &report)
            try record(event)
            report.events += 1
        }
    }

    private func common(to merge: Commit) -> JSONObject {
        let message = merge.message
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
        of script: BroughtScript, undoneBy undo: BroughtScript?, in merge: Commit,
        _ origin: AuthorSearch.Origin?, isOriginKnown: Bool, _ common: JSONObject,
        _ report: inout GitImportReport
    ) throws(LedgerError) -> Event {
        let service = services[script.file.service].name
        let writer = isOriginKnown ? merge : origin?.commit
        let isUndo = script.name.role == .revert
        let ticket = merge.message.ticket(tickets) ?? writer?.message.ticket(tickets)
        var attachments: [Attachment] = []
        var change = JSONObject([
            "id": .string(script.name.id), "name": .string(script.name.name),
            "tool": script.name.tool.map { .string($0.rawValue) },
            "ticket": ticket.flatMap { GitText.line($0, limit: 200) }.map(JSON.string),
            "repeatable": script.name.isRepeatable ? true : nil,
        ])
        var rollback = JSONObject()
        if !script.isGone {
            let strategy = strategy(of: script, writer, merge, &report)
            rollback["strategy"] = strategy.map { .string($0.rawValue) }
            let bytes = try bytes(of: script)
            if isUndo {
                attach(
                    bytes, of: script, as: Attachment.rollbackScript, &rollback, "script_digest",
                    &attachments)
            } else {
                attach(bytes, of: script, as: Attachment.script, &change, "digest", &attachments)
            }
            var undoBytes = script.name.range == nil ? nil : LiquibaseSQL.rollback(in: bytes[...])
            if let undo { undoBytes = try self.bytes(of: undo) }
            if let undoBytes {
                attach(
                    undoBytes, of: undo ?? script, as: Attachment.rollbackScript, &rollback,
                    "script_digest", &attachments)
            }
            if rollback["strategy"] == nil, isUndo || undoBytes != nil {
                rollback["strategy"] = .string(RollbackStrategy.reversible.rawValue)
            }
        }
        let members = common.merging(
            JSONObject([
                "id": .string(id(of: script, in: merge)),
                "type": .string(type(of: script).rawValue),
                "service": .string(service),
                "change": .object(change),
                "rollback": rollback.isEmpty ? nil : .object(rollback),
                "author": writer.flatMap { Self.person($0.author) },
                "about": type(of: script) == .note
                    ? [["change": .string("\(service):\(script.name.id)")]] : nil,
                "git": .object(
                    JSONObject([
                        "path": GitText.line(script.path, limit: 4096).map(JSON.string),
                        "blob": script.file.new.map { .string($0.hex) },
                        "head_commit": (origin?.head ?? merge.parentIDs.dropFirst().first)
                            .map { .string($0.hex) },
                    ])),
                "labels": .object(labels(of: script)),
            ]))
        do throws(LedgerError) {
            var event = try EventReader.event(from: members, attachments: attachments)
            event.isDerived = true
            return event
        } catch {
            throw error.prefixed("\(merge.id.short) \(script.path)")
        }
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

    // The commit that wrote the script speaks of it alone, the merge of all that it brings.
    private func strategy(
        of script: BroughtScript, _ writer: Commit?, _ merge: Commit,
        _ report: inout GitImportReport
    ) -> RollbackStrategy? {
        for commit in [writer, merge] {
            switch commit?.message.rollbackStrategy() {
            case .known(let strategy)?: return strategy
            case .unknown(let word)?:
                report.warn(
                    "\(commit?.id.short ?? ""): \"Rollback-Strategy: "
                        + "\(GitText.line(word, limit: 60) ?? "")\" is not known and was left out ("
                        + "known are \(RollbackStrategy.allCases.map(\.rawValue).joined(separator: ", ")))"
                )
            case nil: break
            }
        }
        return nil
    }

    private func bytes(of script: BroughtScript) throws(LedgerError) -> [UInt8] {
        guard let id = script.file.new else { return [] }
        let bytes = try repository.blob(id)
        return script.name.range.map { Array(bytes[$0]) } ?? bytes
    }

    // Scripts above the limit are named by their digest alone.
    private func attach(
        _ bytes: [UInt8], of script: BroughtScript, as attachmentName: String,
        _ object: inout JSONObject,
        _ digestName: String, _ attachments: inout [Attachment]
    ) {
        if bytes.count > EventSchema.attachmentByteLimit {
            object[digestName] = .string(Attachment.text(of: SHA256.hash(bytes)))
            return
        }
        let isSQL = ![
            "py", "rb", "js", "ts", "go", "java", "kt", "php", "cs", "xml", "yaml", "yml", "json",
        ]
        .contains(ScriptPath(script.path).fileExtension)
        attachments.append(
            Attachment(name: attachmentName, mediaType: isSQL ? nil : "text/plain", bytes: bytes))
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

/// Services that commit in their users' stead.
enum Forge {
    private static let names: Set<String> = [
        "github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket",
    ]

    static func isCommitter(_ signature: Signature) -> Bool {
        signature.email.lowercased().hasPrefix("noreply@")
            || names.contains(signature.name.lowercased())
    }

    static func isService(_ signature: Signature) -> Bool {
        isCommitter(signature) || signature.name.hasSuffix("[bot]")
    }

    /// Whether a commit with one parent is what a forge makes of a request that is squashed: the
    /// forge committed it, or the message names the request. A fast-forward leaves no trace.
    static func isSquash(_ commit: Commit) -> Bool {
        isCommitter(commit.committer) || commit.message.requestNumber != nil
    }
}
