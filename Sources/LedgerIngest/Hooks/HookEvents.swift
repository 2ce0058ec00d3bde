import LedgerCore

// HookEvents.swift
//
// `source` is the forge and the repository, `github:github.com/acme/orders`; `id` names the fact,
// `merge:12`, `review:80:approved`, `deployment_status:209916254`. So a hook that is sent again, or
// that two hooks of one repository send, is one event. The import from Git has another source,
// `git:…`, whose newest merge tells it where to go on: a hook must not take that place.

/// Makes the events of what a webhook says.
struct HookEvents {
    private static let pageName = "pull_request"

    /// How it came to be known.
    enum Origin: String {
        case webhook
        /// The forge's command or API was asked later.
        case `import`

        /// What was read is attached under this name.
        var attachmentName: String {
            switch self {
            case .webhook: "webhook"
            case .import: "request"
            }
        }
    }

    let kind: HookKind
    let request: HookRequest
    let context: HookContext
    let origin: Origin
    private let tickets: TicketPattern

    init(
        kind: HookKind, request: HookRequest, context: HookContext, origin: Origin = .webhook
    ) throws(LedgerError) {
        self.kind = kind
        self.request = request
        self.context = context
        self.origin = origin
        tickets = try context.tickets()
    }

    func outcome(of fact: HookFact) throws(LedgerError) -> HookOutcome {
        switch fact {
        case .merge(let request): return try merge(request)
        case .deployment(let deployment): return try self.deployment(deployment)
        case .ignored(let reason): return .ignored(reason)
        case .notUnderstood(let reason): return .notUnderstood(reason)
        case .reviews(let reviews):
            var events: [Event] = []
            for review in reviews {
                let services = context.services(of: review.request.repository)
                if services.isEmpty { return unknown(review.request.repository) }
                events.append(try event(self.review(review, services)))
            }
            return .events(events)
        }
    }

    private func unknown(_ repository: HookRepository) -> HookOutcome {
        .notUnderstood(
            "\(GitText.line(repository.canonical, limit: 200) ?? "") is of no known service")
    }

    // MARK: Requests

    private func merge(_ merged: HookPullRequest) throws(LedgerError) -> HookOutcome {
        let services = context.services(of: merged.repository)
        if services.isEmpty { return unknown(merged.repository) }
        guard let commit = merged.commit else {
            return .notUnderstood("a merge without the commit that it became")
        }
        let page = merged.page.flatMap(Self.url)
        let isWhole = Self.objectID(commit) != nil && services.count == 1 && page != nil
        var members = common(merged.repository, merged.time, merged.actor)
        members = members.merging(about(merged, services))
        members.set("merge:" + merged.number, at: "id")
        members.set(isWhole ? "merge" : "note", at: "type")
        members["author"] = merged.author?.json
        members["message"] = merged.text.flatMap { GitText.text($0, limit: 65_536) }.map(
            JSON.string)
        members.set(Self.objectID(commit), at: "git", "commit")
        if Self.objectID(commit) == nil {
            members.set(GitText.line(commit, limit: 100), at: "labels", "git_commit")
        }
        if !isWhole {
            members.set("merged", at: "labels", Self.pageName)
        }
        return .merge(
            HookMerge(
                importSource: "git:" + merged.repository.canonical,
                repository: merged.repository.text, fullName: merged.repository.fullName,
                repositoryNames: merged.repository.names, commit: commit,
                ref: members[["git", "ref"]]?.string, services: services,
                event: try event(members),
                title: merged.title.flatMap { GitText.line($0, limit: 1000) }))
    }

    // A page is what a review is of; without one it is told as a note.
    private func review(_ review: HookReview, _ services: [String]) -> JSONObject {
        var members = common(review.request.repository, review.time, review.reviewer)
        members = members.merging(about(review.request, services))
        members.set(review.id, at: "id")
        members["message"] = review.text.flatMap { GitText.text($0, limit: 65_536) }.map(
            JSON.string)
        members.set(review.page.flatMap(Self.url), at: "links", "review")
        let isReview = members[["links", Self.pageName]] != nil
        members.set(isReview ? "review" : "note", at: "type")
        if isReview {
            let isWithdrawn = review.decision == .withdrawn
            let decision = isWithdrawn ? .commented : review.decision
            members.set(decision.rawValue, at: "review", "decision")
            members.set("approval", at: "review", "kind")
        }
        if !isReview || review.decision == .withdrawn {
            members.set(review.decision.rawValue, at: "labels", "review")
        }
        return members
    }

    /// What a merge and a review say of the request.
    private func about(_ request: HookPullRequest, _ services: [String]) -> JSONObject {
        var members = JSONObject()
        members.set(services.count == 1 ? services.first : nil, at: "service")
        members.set(
            GitText.line(request.title ?? "request \(request.number)", limit: 1000), at: "title")
        members.set(request.page.flatMap(Self.url), at: "links", Self.pageName)
        members.set(request.headCommit.flatMap(Self.objectID), at: "git", "head_commit")
        if let branch = request.targetBranch {
            let ref = branch.hasPrefix("refs/") ? branch : "refs/heads/" + branch
            members.set(GitText.line(ref, limit: 400), at: "git", "ref")
        }
        let ticket =
            tickets.first(in: request.title ?? "")
            ?? tickets.first(in: request.sourceBranch ?? "")
        members.set(ticket.flatMap { GitText.line($0, limit: 200) }, at: "change", "ticket")
        return members
    }

    // MARK: Deployments

    private func deployment(_ deployment: HookDeployment) throws(LedgerError) -> HookOutcome {
        let services = context.services(of: deployment.repository)
        let alias = context.target(of: deployment.environment)
        guard let service = alias?.service ?? (services.count == 1 ? services.first : nil) else {
            if services.isEmpty { return unknown(deployment.repository) }
            return .notUnderstood(
                "a deployment from \(deployment.repository.canonical), which is of several services"
            )
        }
        var members = common(deployment.repository, deployment.time, deployment.actor)
        members.set("deployment", at: "type")
        members.set(deployment.id, at: "id")
        members.set(service, at: "service")
        // A target's parts are separated by `/`, which forges take in names.
        let name = deployment.environment.split(separator: "/").joined(separator: "-")
        let environment = alias?.environment ?? GitText.line(name, limit: 196)
        members.set(environment, at: "environment")
        members.set(alias?.tenant, at: "tenant")
        members.set(alias?.region, at: "region")
        members.set(alias?.cluster, at: "cluster")
        members.set(deployment.deploymentID, at: "deployment", "id")
        members.set(deployment.status.rawValue, at: "deployment", "status")
        members.set(deployment.commit.flatMap(Self.objectID), at: "git", "commit")
        members.set(deployment.ref.flatMap { GitText.line($0, limit: 400) }, at: "git", "ref")
        members.set(deployment.run.flatMap(Self.url), at: "trigger", "run")
        members.set(deployment.page.flatMap(Self.url), at: "links", "environment")
        members.set(deployment.title.flatMap { GitText.line($0, limit: 1000) }, at: "title")
        let text = deployment.message.flatMap { GitText.text($0, limit: 65_536) }
        members.set(text, at: deployment.status == .failed ? "error" : "message")
        for (name, value) in deployment.labels {
            members.set(value.flatMap { GitText.line($0, limit: 1000) }, at: "labels", name)
        }
        if environment != deployment.environment {
            let label = GitText.line(deployment.environment, limit: 1000)
            members.set(label, at: "labels", "environment")
        }
        return .events([try event(members)])
    }

    // MARK: Every event

    private func common(
        _ repository: HookRepository, _ time: Timestamp?, _ actor: HookPerson?
    ) -> JSONObject {
        var members = JSONObject()
        members.set("\(kind.rawValue):\(repository.canonical)", at: "source")
        members.set(time?.utc, at: "time")
        members["actor"] = actor?.json
        members.set(origin.rawValue, at: "trigger", "kind")
        members.set(kind.rawValue, at: "trigger", "tool")
        members.set(repository.text, at: "git", "repository")
        return members
    }

    private func event(_ members: JSONObject) throws(LedgerError) -> Event {
        let isKept = request.body.count <= EventSchema.attachmentByteLimit
        let webhook = Attachment(
            name: origin.attachmentName, mediaType: request.mediaType, bytes: request.body)
        var event = try EventReader.event(from: members, attachments: isKept ? [webhook] : [])
        event.isDerived = true
        return event
    }

    private static func objectID(_ text: String) -> String? {
        let isWhole = text.utf8.count == 40 || text.utf8.count == 64
        let isHexadecimal = text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        return isWhole && isHexadecimal ? text : nil
    }

    private static func url(_ text: String) -> String? {
        text.contains("://") ? GitText.line(text, limit: 4096) : nil
    }
}
