extension HookPullRequest {
    /// A pull request as GitHub writes it, and Gitea after it.
    ///
    /// - Parameters:
    ///   - page: for people.
    ///   - person: reads a user, whom each writes in its own way.
    init?(
        gitHub body: HookValue, _ repository: HookRepository, page: String?,
        person: (HookValue) -> HookPerson?
    ) {
        let pull = body["pull_request"]
        guard let number = pull["number"].id ?? body["number"].id else { return nil }
        self.init(
            repository: repository, number: number, title: pull["title"].text,
            text: pull["body"].text, page: page, sourceBranch: pull["head", "ref"].text,
            targetBranch: pull["base", "ref"].text, commit: pull["merge_commit_sha"].text,
            headCommit: pull["head", "sha"].text,
            actor: person(pull["merged_by"]) ?? person(body["sender"]),
            author: person(pull["user"]), time: HookTime.read(pull["merged_at"]))
    }
}
