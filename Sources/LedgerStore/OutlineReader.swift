import GRDB
import LedgerCore

/// Reads outlines and outcomes of rows from the projection, without parsing bodies.
enum OutlineReader {
    static let columns = """
        event.idx, event.at, event.type, event.service, event.environment, event.tenant, \
        event.region, event.cluster, event.change, event.operation, event.status
        """
    static let outcomeColumns = """
        coalesce(json_extract(private.actor, '$[2].name'), json_extract(private.actor, '$[2].id'), \
        json_extract(start.actor, '$[2].name'), json_extract(start.actor, '$[2].id')), \
        event.duration_ms
        """
    static let source = """
        FROM event
        LEFT JOIN private ON private.idx = event.idx
        LEFT JOIN private AS start ON start.idx = event.first
        """

    static func outline(in statement: RawStatement) -> RowOutline {
        RowOutline(
            index: statement.integer(0), at: Timestamp(milliseconds: statement.integer(1)),
            type: statement.text(2).flatMap(EventType.init(rawValue:)) ?? .deployment,
            target: Target(
                service: statement.text(3), environment: statement.text(4),
                tenant: statement.text(5), region: statement.text(6), cluster: statement.text(7)),
            change: statement.text(8),
            operation: statement.text(9).flatMap(DeploymentOperation.init(rawValue:)) ?? .apply,
            status: statement.text(10).flatMap(DeploymentStatus.init(rawValue:)))
    }

    static func outcome(in statement: RawStatement) -> RowOutcome {
        RowOutcome(
            outline: outline(in: statement), actor: statement.text(11),
            durationMilliseconds: statement.isNull(12) ? nil : statement.integer(12))
    }
}
