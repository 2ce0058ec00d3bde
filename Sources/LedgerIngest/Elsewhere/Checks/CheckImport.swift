import LedgerCore
import LedgerCrypto

/// What is known of the scripts that a report speaks of.
public struct CheckContext: Sendable {
    public var scripts: ScriptServices
    /// The change that all of it is about.
    public var change: (service: String, name: ChangeName)?
    /// Scripts that were checked, for tools that only name those with problems.
    public var checked: [String]
    /// When it ran, if the report doesn't say.
    public var time: Timestamp?

    public init(
        scripts: ScriptServices, change: (service: String, name: ChangeName)? = nil,
        checked: [String] = [], time: Timestamp? = nil
    ) {
        self.scripts = scripts
        self.change = change
        self.checked = checked
        self.time = time
    }
}

/// Makes reviews of what a tool printed that checks scripts: one for each change and script.
///
/// The same report again makes the same reviews; another run of the tool makes others.
public struct CheckImport: Sendable {
    /// What is said of one change.
    private struct Verdict {
        let service: String
        let name: ChangeName
        let path: String?
        let bytes: [UInt8]?
        var problems: [CheckResult.Problem] = []
        var hasRun = false
        var suite: String?
        var time: Timestamp?
    }

    // So often the whole report is kept beside a review, if it is large.
    private static let keptByteLimit = 64 * 1024 * 1024

    public let events: [Event]
    /// What a person should know, a line each.
    public let remarks: [String]

    /// - Throws: `invalidEvent` for a report that can't be right, `usage` if nothing in it is of a
    ///   known change.
    public init(
        _ report: any CheckReport.Type, of bytes: [UInt8], _ context: CheckContext
    ) throws(LedgerError) {
        var results = try report.results(in: bytes)
        let named = Set(results.compactMap { Self.script($0).map(ExactText.init) })
        results += context.checked.filter { !named.contains(ExactText($0)) }
            .map { CheckResult(.script($0)) }
        var verdicts: [Verdict] = []
        var places: [ExactText: Int] = [:]
        var strange: [String] = []
        var undoing = 0
        for result in results {
            let found = Self.found(result, context)
            if !found.isEmpty, found.allSatisfy({ $0.name.role != .apply }) { undoing += 1 }
            if found.isEmpty { strange.append(Self.shown(result)) }
            // A script that undoes a change says nothing of the one that makes it.
            for verdict in found where verdict.name.role == .apply {
                let key = ExactText(
                    [verdict.service, verdict.name.id, verdict.path ?? ""].joined(separator: "\n"))
                let place = places[key] ?? verdicts.count
                if places.updateValue(place, forKey: key) == nil { verdicts.append(verdict) }
                Self.add(result, to: &verdicts[place])
            }
        }
        if verdicts.isEmpty, let first = strange.first {
            throw LedgerError(
                .usage, "nothing in it is of a known change: not \(VisibleName.of(first))",
                advice: "say which with --service or --change, or where the scripts lie in "
                    + "ledger.yaml: services.orders.paths")
        }
        let ran = verdicts.filter(\.hasRun)
        events = try Self.events(report, of: bytes, ran, context)
        remarks = Self.remarks(strange, undoing, skipped: verdicts.count - ran.count)
    }

    private static func script(_ result: CheckResult) -> String? {
        if case .script(let path) = result.subject { path } else { nil }
    }

    private static func shown(_ result: CheckResult) -> String {
        switch result.subject {
        case .script(let path): path
        case .words(let words): words.first ?? "a test"
        }
    }

    private static func remarks(
        _ strange: [String], _ undoing: Int, skipped: Int
    ) -> [String] {
        var remarks: [String] = []
        if undoing > 0 { remarks.append("\(undoing) scripts that undo a change left out") }
        if let first = strange.first {
            remarks.append(
                "\(strange.count) of no known change left out, \(VisibleName.of(first)) the first")
        }
        if skipped > 0 {
            remarks.append("\(skipped) changes left out: all their tests were skipped")
        }
        return remarks
    }

    private static func found(_ result: CheckResult, _ context: CheckContext) -> [Verdict] {
        if let change = context.change {
            let script = script(result)
            let found = script.flatMap { context.scripts.script($0) }
            return [
                Verdict(
                    service: change.service, name: change.name, path: found?.path ?? script,
                    bytes: found?.bytes)
            ]
        }
        switch result.subject {
        case .script(let path):
            guard let script = context.scripts.script(path) else { return [] }
            return script.names.map {
                Verdict(
                    service: script.service, name: $0, path: script.path, bytes: script.bytes)
            }
        case .words(let texts):
            // What names its change most closely counts.
            for text in texts {
                let changes = context.scripts.changes(in: text)
                if changes.isEmpty { continue }
                return changes.map {
                    Verdict(service: $0.service, name: $0.name, path: nil, bytes: nil)
                }
            }
            return []
        }
    }

    private static func add(_ result: CheckResult, to verdict: inout Verdict) {
        verdict.hasRun = verdict.hasRun || !result.isSkipped
        verdict.suite = verdict.suite ?? result.suite
        if let time = result.time { verdict.time = max(verdict.time ?? time, time) }
        guard let range = verdict.name.range, let bytes = verdict.bytes else {
            verdict.problems += result.problems
            return
        }
        // Of several changes in one file, each has the problems in its lines.
        let first = 1 + bytes[..<range.lowerBound].count { $0 == 0x0A }
        let last = first + bytes[range].dropLast().count { $0 == 0x0A }
        verdict.problems += result.problems.filter { $0.line.map { first...last ~= $0 } ?? true }
    }

    // MARK: Events

    private static func events(
        _ report: any CheckReport.Type, of bytes: [UInt8], _ verdicts: [Verdict],
        _ context: CheckContext
    ) throws(LedgerError) -> [Event] {
        let digest = SHA256.hash(bytes).hex
        let isKept =
            bytes.count <= EventSchema.attachmentByteLimit
            && bytes.count * verdicts.count <= keptByteLimit
        let whole =
            isKept
            ? [Attachment(name: "report", mediaType: report.mediaType, bytes: bytes)] : []
        var events: [Event] = []
        for verdict in verdicts {
            let members = members(report, digest, verdict, context)
            do throws(LedgerError) {
                var event = try EventReader.event(from: members, attachments: whole)
                event.isDerived = true
                events.append(event)
            } catch {
                throw error.prefixed(verdict.path ?? verdict.name.id)
            }
        }
        return events
    }

    private static func members(
        _ report: any CheckReport.Type, _ digest: String, _ verdict: Verdict,
        _ context: CheckContext
    ) -> JSONObject {
        let change = GitText.name(verdict.name.id)
        let identity = JSONObject([
            "change": .string(change), "path": verdict.path.map(JSON.string),
            "report": .string(digest), "service": .string(verdict.service),
            "whole": context.change == nil ? nil : true,
        ])
        var members = JSONObject()
        members.set("review", at: "type")
        members.set("import " + report.name, at: "source")
        members.set("check:" + SHA256.hash(CanonicalJSON.bytes(.object(identity))).hex, at: "id")
        members.set((verdict.time ?? context.time)?.utc, at: "time")
        members.set(verdict.service, at: "service")
        members.set(change, at: "change", "id")
        members.set(GitText.name(verdict.name.name), at: "change", "name")
        if verdict.name.isRepeatable { members.set(true, at: "change", "repeatable") }
        if let bytes = verdict.bytes, verdict.name.role == .apply {
            let part = verdict.name.range.map { Array(bytes[$0]) } ?? bytes
            members.set(Attachment.text(of: SHA256.hash(part)), at: "change", "digest")
        }
        let isFailed = verdict.problems.contains { $0.isFailure }
        members.set(isFailed ? "failed" : "passed", at: "review", "decision")
        members.set(report.kind, at: "review", "kind")
        let failed = verdict.problems.filter(\.isFailure)
        let rules = Set(failed.compactMap(\.rule)).sorted()
        let words = [report.name, verdict.suite].compactMap(\.self)
        members.set(
            GitText.line((words + rules).joined(separator: " "), limit: 200), at: "review", "check")
        members.set(message(verdict.problems), at: "message")
        members.set(
            verdict.path.flatMap { GitText.line($0, limit: 4096) }, at: "git", "path")
        members.set("import", at: "trigger", "kind")
        members.set(report.name, at: "trigger", "tool")
        return members
    }

    private static func message(_ problems: [CheckResult.Problem]) -> String? {
        var text = ""
        for problem in problems where text.utf8.count < 65_536 {
            text += (text.isEmpty ? "" : "\n") + problem.words
        }
        return GitText.text(text, limit: 65_536)
    }
}
