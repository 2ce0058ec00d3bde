import LedgerCore

/// Reads deployments from the table `event`, without parsing bodies.
enum DeploymentReader {
    static let columns = """
        idx, at, service, environment, tenant, region, cluster, change, operation, status, digest, \
        duration_ms, strategy
        """

    /// What holds for rows that say where a change stands.
    static let condition =
        "latest AND type = 'deployment' AND operation <> 'repair' AND status IS NOT NULL"

    /// - Parameter before: the row before, most of whose texts most rows have again.
    /// - Returns: nil for a row that says nothing of where a change stands.
    static func deployment(
        in statement: RawStatement, after before: Deployment? = nil
    ) -> Deployment? {
        guard let change = statement.text(7, like: before?.change),
            let status = statement.text(9).flatMap(DeploymentStatus.init(rawValue:)),
            let state = RecordedState(
                statement.text(8).flatMap(DeploymentOperation.init(rawValue:)) ?? .apply, status)
        else { return nil }
        return Deployment(
            index: statement.integer(0), at: statement.integer(1),
            target: Target(
                service: statement.text(2, like: before?.target.service),
                environment: statement.text(3, like: before?.target.environment),
                tenant: statement.text(4), region: statement.text(5), cluster: statement.text(6)),
            change: change, state: state, digest: statement.text(10, like: before?.digest),
            durationMilliseconds: statement.isNull(11) ? nil : statement.integer(11),
            strategy: statement.text(12, like: before?.strategy))
    }
}
