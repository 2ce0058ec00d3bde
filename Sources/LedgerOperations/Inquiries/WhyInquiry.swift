import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger why`: what changed in an environment before a moment, the most suspect first.
public struct WhyInquiry: Inquiry {
    public static let route = "why"
    public static let known = ["env", "at", "window", "service", "tenant", "object"]
    public static let usualWindow = "6h"
    /// More rows than this are not looked at, but for the newest.
    static let rowLimit = 20_000
    /// What began so long before, or ended so long after, may have been under way.
    private static let reachMilliseconds: Int64 = 86_400_000

    public var environment: String
    /// Now, if left out.
    public var at: Timestamp?
    /// How long before; `30m`, `6h`, `14d`.
    public var window = Self.usualWindow
    public var services: [String] = []
    public var tenant: String?
    /// A table, view or other object: `orders`, `shop.orders`.
    public var object: String?

    public init(environment: String) {
        self.environment = environment
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        guard let environment = try reader.one("env") else {
            throw LedgerError(.usage, "env must say where it happened", advice: "such as prod")
        }
        self.init(environment: environment)
        at = try reader.time("at")
        window = try reader.one("window") ?? Self.usualWindow
        services = reader.all("service")
        tenant = try reader.one("tenant")
        object = try reader.one("object")
    }

    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = [("env", environment)]
        if let at { parameters.append(("at", at.utc)) }
        if window != Self.usualWindow { parameters.append(("window", window)) }
        parameters += services.map { ("service", $0) }
        if let tenant { parameters.append(("tenant", tenant)) }
        if let object { parameters.append(("object", object)) }
        return parameters
    }

    public func reply(of view: LocalView) throws(LedgerError) -> WhyReply {
        let milliseconds = try windowMilliseconds()
        try view.check(services, [environment])
        if let tenant { try view.check(tenant: tenant) }
        let moment = at ?? view.now
        var search = SuspectSearch(moment: moment, windowMilliseconds: milliseconds)
        let since = Self.time(moment.milliseconds - milliseconds)
        let (rows, isCut) = try read(view, since, moment)
        var notes =
            isCut ? ["only the newest \(Self.rowLimit) events were looked at: narrow it down"] : []
        let services = Set(
            rows.filter(search.isAsked).compactMap { $0.target.service.map(ExactText.init) })
        if !services.isEmpty {
            // As it is known now: what came out since then helps too.
            let histories = try view.histories(
                of: services.sorted().map(\.text), asOf: .now, needsTargets: false)
            for history in histories { search.histories[ExactText(history.service)] = history }
        }
        search.freezes = try view.allFreezes()
        // What a rule is set to is no reason to say nothing.
        search.policy = (try? view.policy()) ?? Policy()
        if let object {
            search.object = object
            search.touching = try view.reader.digests(touching: object)
            if search.touching.isEmpty { notes.append(try Self.unknown(object, view)) }
        }
        let suspects = search.suspects(rows)
        return WhyReply(
            rows: suspects.map(SuspectRow.init), since: since, until: moment,
            last: suspects.isEmpty ? try last(of: view, before: since) : nil, notes: notes)
    }

    private func windowMilliseconds() throws(LedgerError) -> Int64 {
        guard let window = Policy.duration(window) else {
            throw LedgerError(
                .usage, "window \(VisibleName.of(window)) is no time that is understood",
                advice: "write it like 30m, 6h, 14d")
        }
        return window.components.seconds * 1000
    }

    // MARK: Rows

    private var query: EntryQuery {
        var query = EntryQuery()
        query.environments = [environment]
        query.services = services
        query.types = [.deployment, .override]
        return query
    }

    /// What ran for no tenant may have been for all of them.
    private func isAsked(_ row: HistoryRow) -> Bool {
        guard let tenant, let theirs = row.target.tenant else { return true }
        return theirs.hasSameBytes(as: tenant)
    }

    private func read(
        _ view: LocalView, _ since: Timestamp, _ moment: Timestamp
    ) throws(LedgerError) -> (rows: [HistoryRow], isCut: Bool) {
        var inWindow = query
        inWindow.since = since
        inWindow.until = Self.time(moment.milliseconds + 1)
        var unfinished = query
        unfinished.types = [.deployment]
        unfinished.statuses = [.started]
        unfinished.since = min(since, Self.time(moment.milliseconds - Self.reachMilliseconds))
        unfinished.until = since
        var later = query
        later.types = [.deployment]
        later.since = inWindow.until
        later.until = Self.time(moment.milliseconds + Self.reachMilliseconds)
        var rows: [HistoryRow] = []
        var isCut = false
        for var query in [inWindow, unfinished, later] {
            query.limit = Self.rowLimit
            var count = 0
            try view.forEachRow(matching: query) { row in
                count += 1
                if isAsked(row) { rows.append(row) }
                return true
            }
            isCut = isCut || count == Self.rowLimit
        }
        return (rows, isCut)
    }

    private static func time(_ milliseconds: Int64) -> Timestamp {
        let bounds = Timestamp.bounds
        return Timestamp(
            milliseconds: min(bounds.upperBound, max(bounds.lowerBound, milliseconds)))
    }

    /// The last change before the window.
    private func last(
        of view: LocalView, before since: Timestamp
    ) throws(LedgerError) -> WhyReply.Last? {
        var query = query
        query.types = [.deployment]
        query.until = Self.time(since.milliseconds + 1)
        var last: WhyReply.Last?
        try view.forEachRow(matching: query) { row in
            guard isAsked(row), row.status != .skipped else { return true }
            last = WhyReply.Last(row)
            return false
        }
        return last
    }

    private static func unknown(
        _ object: String, _ view: LocalView
    ) throws(LedgerError) -> String {
        let closest = Suggestion.closest(to: object, among: try view.knownNames(of: .object))
        return "no script that the ledger keeps touches \(VisibleName.of(object))"
            + (closest.map { "; did you mean \($0)?" } ?? "")
    }
}

/// `{"last":{…},"notes":["…"],"rows":[…],"since":"…","until":"…","v":1}`.
public struct WhyReply: Answer {
    /// The last change before the window, if there is none in it.
    public struct Last: Sendable {
        public let index: Int64
        public let at: Timestamp
        public let service: String?
        /// The change's name, else its id.
        public let name: String?

        init(_ row: HistoryRow) {
            index = row.index
            at = row.at
            service = row.target.service
            name = row.string("change", "name") ?? row.string("change", "id")
        }

        fileprivate var json: JSONObject {
            JSONObject([
                "at": .string(at.utc), "index": .integer(index), "name": name.map(JSON.string),
                "service": service.map(JSON.string),
            ])
        }

        fileprivate init?(json: JSONObject) {
            guard let index = json["index"]?.integer,
                let at = json["at"]?.string.flatMap(Timestamp.init(rfc3339:))
            else { return nil }
            self.index = index
            self.at = at
            service = json["service"]?.string
            name = json["name"]?.string
        }
    }

    public let rows: [SuspectRow]
    public let since: Timestamp
    public let until: Timestamp
    public let last: Last?
    /// What to know of the answer.
    public let notes: [String]

    init(
        rows: [SuspectRow], since: Timestamp, until: Timestamp, last: Last?, notes: [String]
    ) {
        self.rows = rows
        self.since = since
        self.until = until
        self.last = last
        self.notes = notes
    }

    public var json: JSONObject {
        Rows(rows).json.merging(
            JSONObject([
                "last": last.map { .object($0.json) }, "notes": .array(notes.map(JSON.string)),
                "since": .string(since.utc), "until": .string(until.utc),
            ]))
    }

    public init?(json: JSONObject) {
        guard let rows = Rows<SuspectRow>(json: json),
            let since = json["since"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let until = json["until"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let notes = json["notes"]?.array
        else { return nil }
        self.rows = rows.rows
        self.since = since
        self.until = until
        last = json["last"]?.object.flatMap(Last.init)
        self.notes = notes.compactMap(\.string)
    }
}
