import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger diff stage prod`: what one place has and another has not.
public struct DiffInquiry: Inquiry {
    public static let route = "diff"
    public static let known = ["left", "left-at", "right", "right-at", "service"]

    /// Each `prod` or `prod/acme`.
    public var left: PlaceName
    public var right: PlaceName
    /// As it was then; absent means now.
    public var leftAt: Timestamp?
    public var rightAt: Timestamp?
    public var services: [String] = []

    public init(left: PlaceName, right: PlaceName) {
        self.left = left
        self.right = right
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        func place(_ name: String) throws(LedgerError) -> PlaceName {
            guard let place = try reader.one(name).flatMap(PlaceName.init) else {
                throw LedgerError(
                    .usage, "\(name) must say what is compared", advice: "such as prod, prod/acme")
            }
            return place
        }
        left = try place("left")
        right = try place("right")
        leftAt = try reader.time("left-at")
        rightAt = try reader.time("right-at")
        services = reader.all("service")
    }

    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = [("left", left.text), ("right", right.text)]
        if let leftAt { parameters.append(("left-at", leftAt.utc)) }
        if let rightAt { parameters.append(("right-at", rightAt.utc)) }
        return parameters + services.map { ("service", $0) }
    }

    public func reply(of view: LocalView) throws(LedgerError) -> Rows<DiffRow> {
        try view.check(services, [left.environment, right.environment])
        let leftHistories = try histories(of: view, leftAt)
        let rightHistories = leftAt == rightAt ? leftHistories : try histories(of: view, rightAt)
        for (place, histories) in [(left, leftHistories), (right, rightHistories)]
        where !place.members.isEmpty && !histories.values.contains(where: { $0.knows(place) }) {
            throw LedgerError(
                .notFound, "no target is known as \(place.text)",
                advice: "ledger status --env \(place.environment) --by target names those that are")
        }
        var rows: [DiffRow] = []
        for name in Set(leftHistories.keys).union(rightHistories.keys).sorted() {
            guard let one = leftHistories[name] ?? rightHistories[name],
                let other = rightHistories[name] ?? leftHistories[name]
            else { continue }
            // A service that one of the places does not have at all is no difference of content.
            guard one.knows(left) || other.knows(right) else { continue }
            rows += DiffRow.rows(left: one, left, right: other, right)
        }
        return Rows(rows)
    }

    private func histories(
        of view: LocalView, _ at: Timestamp?
    ) throws(LedgerError) -> [ExactText: ServiceHistory] {
        let asOf = try view.asOf(at, knownAt: nil)
        let histories = try view.histories(of: services, asOf: asOf, needsTargets: true)
        return Dictionary(uniqueKeysWithValues: histories.map { (ExactText($0.service), $0) })
    }
}
