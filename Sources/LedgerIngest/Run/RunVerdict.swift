import LedgerCore

/// How each deployment of a command ended, as far as the command's end tells.
struct RunVerdict {
    let statuses: [DeploymentStatus]
    /// What a person should know of it.
    let note: String?

    init(ending: ChildProcess.Ending, command: RecognizedCommand, plan: RunPlan) {
        let count = plan.deployments.count
        if ending.exitCode == 0 {
            let doubt = Self.doubt(command, plan, ending)
            let status: DeploymentStatus = doubt == nil ? .succeeded : .unknown
            self.init(statuses: Array(repeating: status, count: count), note: doubt)
        } else if count == 1 || ending.startFailure != nil {
            self.init(statuses: Array(repeating: .failed, count: count), note: nil)
        } else if let failed = Self.failedScript(command, plan, ending) {
            let before: DeploymentStatus = command.isSingleTransaction ? .failed : .succeeded
            let statuses = plan.deployments.indices.map { index in
                index < failed ? before : index == failed ? .failed : DeploymentStatus.skipped
            }
            self.init(statuses: statuses, note: nil)
        } else {
            self.init(
                statuses: Array(repeating: .unknown, count: count),
                note: "which of the \(count) scripts failed is not known, so the outcome of each "
                    + "is recorded as unknown")
        }
    }

    private init(statuses: [DeploymentStatus], note: String?) {
        self.statuses = statuses
        self.note = note
    }

    private static let typedAdvice =
        "statements that were typed may have failed, so the outcome is recorded as unknown; "
        + "ledger correct --status sets it right"

    private static func doubt(
        _ command: RecognizedCommand, _ plan: RunPlan, _ ending: ChildProcess.Ending
    ) -> String? {
        if plan.isTyped { return typedAdvice }
        switch command.zeroExit {
        case .meansSuccess: return nil
        case .leavesDoubt(let advice): return advice
        case .dependsOnScripts(let advice):
            let scripts = plan.deployments.map { $0.script ?? ending.standardInput }
            let allStop = scripts.allSatisfy { script in
                script?.bytes.map { PsqlCommand.scriptStopsOnError($0) } ?? false
            }
            let areOthers = plan.deployments.contains { !$0.others.isEmpty }
            return allStop && !areOthers ? nil : advice
        }
    }

    /// psql names the file: `psql:V42.sql:3: ERROR:  …`, `psql: error: V42.sql: No such file …`.
    private static func failedScript(
        _ command: RecognizedCommand, _ plan: RunPlan, _ ending: ChildProcess.Ending
    ) -> Int? {
        guard command.tool == "psql", command.zeroExit == .meansSuccess else { return nil }
        let lines = String(decoding: ending.standardError, as: UTF8.self).split(separator: "\n")
        return plan.deployments.indices.last { index in
            guard let path = plan.deployments[index].givenPath else { return false }
            return lines.contains { line in
                line.hasPrefix("psql: error: \(path): ")
                    || line.hasPrefix("psql:\(path):")
                        && (line.contains(": ERROR:") || line.contains(": FATAL:"))
            }
        }
    }
}
