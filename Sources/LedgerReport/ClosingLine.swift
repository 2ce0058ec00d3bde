import LedgerCore

/// What an answer is worth: the line that ends it, on standard error.
public enum ClosingLine {
    /// `12 deployments; 4 of 4 targets of prod heard from, the last 3 min ago (orders/prod/acme)`.
    ///
    /// - Parameters:
    ///   - count: the rows shown.
    ///   - noun: what a row is, in the singular, such as `deployment`.
    ///   - isCut: there are more rows than the limit let through.
    ///   - targets: those that are known within the question's target filters, with the last that
    ///     was heard of each.
    ///   - scope: what the question was about, such as `prod`.
    ///   - since: from when on a target counts as heard from.
    public static func text(
        count: Int, noun: String, isCut: Bool, targets: [KnownTarget], scope: String?,
        since: Timestamp?, now: Timestamp
    ) -> String {
        let rows = Words.count(count, noun) + (isCut ? ", and there are more: --limit" : "")
        return "\(rows); \(news(of: targets, scope: scope, since: since, now: now))"
    }

    private static func news(
        of targets: [KnownTarget], scope: String?, since: Timestamp?, now: Timestamp
    ) -> String {
        let ofScope = scope.map { " of \(VisibleText.line($0))" } ?? ""
        guard let last = targets.max(by: { $0.lastRecorded < $1.lastRecorded }) else {
            return "no target\(ofScope) was ever heard from"
        }
        let silent = targets.filter { target in since.map { target.lastRecorded < $0 } ?? false }
        let noun = targets.count == 1 ? "target" : "targets"
        let lastName = VisibleText.line(last.target.text)
        let news =
            "\(targets.count - silent.count) of \(targets.count) \(noun)\(ofScope) heard from"
            + ", the last \(Words.age(of: last.lastRecorded, at: now))"
            + (lastName.isEmpty ? "" : " (\(lastName))")
        if silent.isEmpty { return news }
        let names = silent.sorted { $0.lastRecorded < $1.lastRecorded }.map {
            "\(VisibleText.line($0.target.text)) (\(Words.age(of: $0.lastRecorded, at: now)))"
        }
        return news + "; silent: \(Words.list(names))"
    }
}
