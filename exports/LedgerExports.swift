/// The reports that come with the program: one definition each, embedded in the binary. What may
/// stand in one is said in `change-population.yaml`.
public enum LedgerExports {
    /// By name, each with the text of its file.
    public static let definitions: [(name: String, text: String)] = [
        ("access", PackageResources.access_yaml),
        ("ad-hoc-share", PackageResources.ad_hoc_share_yaml),
        ("approvals", PackageResources.approvals_yaml),
        ("change-population", PackageResources.change_population_yaml),
        ("deployments", PackageResources.deployments_yaml),
        ("emergency-changes", PackageResources.emergency_changes_yaml),
        ("environment-state", PackageResources.environment_state_yaml),
        ("exceptions", PackageResources.exceptions_yaml),
        ("findings", PackageResources.findings_yaml),
        ("integrity", PackageResources.integrity_yaml),
        ("rollback-coverage", PackageResources.rollback_coverage_yaml),
        ("who-did-what", PackageResources.who_did_what_yaml),
    ].map { ($0.0, String(decoding: $0.1, as: UTF8.self)) }
}
