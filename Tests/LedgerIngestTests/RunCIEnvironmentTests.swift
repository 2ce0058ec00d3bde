import LedgerCore
import Testing

@testable import LedgerIngest

struct RunCIEnvironmentTests {
    private static let commit = "0123456789012345678901234567890123456789"

    private static let jobs: [(variables: [String: String], expected: CIEnvironment)] = [
        (
            [
                "GITHUB_ACTIONS": "true", "GITHUB_SHA": commit, "GITHUB_REF_NAME": "12/merge",
                "GITHUB_HEAD_REF": "add-index", "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "acme/orders", "GITHUB_RUN_ID": "77", "GITHUB_ACTOR": "ann",
                "GITHUB_TRIGGERING_ACTOR": "bob", "GITHUB_RUN_ATTEMPT": "2",
                "GITHUB_JOB": "deploy",
            ],
            expected(
                "github-actions", project: "acme/orders", job: "deploy", ref: "add-index",
                repository: "https://github.com/acme/orders",
                run: "https://github.com/acme/orders/actions/runs/77", actor: "bob", attempt: "2")
        ),
        (
            [
                "GITLAB_CI": "true", "CI_COMMIT_SHA": commit, "CI_COMMIT_REF_NAME": "main",
                "CI_PROJECT_URL": "https://gitlab.com/acme/orders",
                "CI_PROJECT_PATH": "acme/orders",
                "CI_JOB_URL": "https://gitlab.com/acme/orders/-/jobs/5", "CI_JOB_NAME": "prod",
                "GITLAB_USER_LOGIN": "ann",
            ],
            expected(
                "gitlab-ci", project: "acme/orders", job: "prod", ref: "main",
                repository: "https://gitlab.com/acme/orders",
                run: "https://gitlab.com/acme/orders/-/jobs/5", actor: "ann")
        ),
        (
            [
                "JENKINS_URL": "https://ci/", "BUILD_URL": "https://ci/job/orders/5/",
                "GIT_COMMIT": commit, "GIT_BRANCH": "origin/main",
                "GIT_URL": "git@github.com:acme/orders.git", "JOB_NAME": "orders",
                "BUILD_USER_ID": "ann", "STAGE_NAME": "Deploy",
            ],
            expected(
                "jenkins", project: "orders", job: "Deploy", ref: "main",
                repository: "git@github.com:acme/orders.git", run: "https://ci/job/orders/5/",
                actor: "ann")
        ),
        (
            [
                "TF_BUILD": "True", "BUILD_SOURCEVERSION": commit,
                "BUILD_SOURCEBRANCH": "refs/heads/main", "BUILD_REPOSITORY_NAME": "orders",
                "BUILD_REPOSITORY_URI": "https://ann@dev.azure.com/acme/shop/_git/orders",
                "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
                "SYSTEM_TEAMPROJECT": "My Shop", "BUILD_BUILDID": "9",
                "BUILD_REQUESTEDFOREMAIL": "ann@example.com", "SYSTEM_JOBATTEMPT": "1",
                "SYSTEM_JOBDISPLAYNAME": "Prod",
            ],
            expected(
                "azure-pipelines", project: "orders", job: "Prod", ref: "main",
                repository: "https://ann@dev.azure.com/acme/shop/_git/orders",
                run: "https://dev.azure.com/acme/My%20Shop/_build/results?buildId=9",
                actor: "ann@example.com", attempt: "1")
        ),
        (
            [
                "BITBUCKET_BUILD_NUMBER": "8", "BITBUCKET_COMMIT": commit,
                "BITBUCKET_TAG": "v1", "BITBUCKET_REPO_FULL_NAME": "acme/orders",
                "BITBUCKET_GIT_HTTP_ORIGIN": "http://bitbucket.org/acme/orders",
                "BITBUCKET_STEP_TRIGGERER_UUID": "{u-1}",
            ],
            expected(
                "bitbucket-pipelines", project: "acme/orders", ref: "v1",
                repository: "http://bitbucket.org/acme/orders",
                run: "https://bitbucket.org/acme/orders/pipelines/results/8", actor: "{u-1}")
        ),
        (
            [
                "CIRCLECI": "true", "CIRCLE_SHA1": commit, "CIRCLE_BRANCH": "main",
                "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/orders/3",
                "CIRCLE_REPOSITORY_URL": "git@github.com:acme/orders.git", "CIRCLE_JOB": "deploy",
                "CIRCLE_USERNAME": "ann", "CIRCLE_PROJECT_USERNAME": "acme",
                "CIRCLE_PROJECT_REPONAME": "orders",
            ],
            expected(
                "circleci", project: "acme/orders", job: "deploy", ref: "main",
                repository: "git@github.com:acme/orders.git",
                run: "https://circleci.com/gh/acme/orders/3", actor: "ann")
        ),
        (
            [
                "BUILDKITE": "true", "BUILDKITE_COMMIT": commit, "BUILDKITE_BRANCH": "main",
                "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/orders/builds/4",
                "BUILDKITE_JOB_ID": "j-1", "BUILDKITE_REPO": "git@github.com:acme/orders.git",
                "BUILDKITE_BUILD_CREATOR_EMAIL": "ann@example.com",
                "BUILDKITE_PIPELINE_SLUG": "orders", "BUILDKITE_ORGANIZATION_SLUG": "acme",
                "BUILDKITE_RETRY_COUNT": "1", "BUILDKITE_LABEL": "Prod",
            ],
            expected(
                "buildkite", project: "acme/orders", job: "Prod", ref: "main",
                repository: "git@github.com:acme/orders.git",
                run: "https://buildkite.com/acme/orders/builds/4#j-1", actor: "ann@example.com",
                attempt: "2")
        ),
    ]

    private static func expected(
        _ service: String, project: String? = nil, job: String? = nil, ref: String? = nil,
        repository: String? = nil, run: String? = nil, actor: String? = nil,
        attempt: String? = nil
    ) -> CIEnvironment {
        CIEnvironment(
            service: service, project: project, job: job, commit: commit, ref: ref,
            repository: repository, run: run, actor: actor, attempt: attempt)
    }

    @Test(arguments: jobs.indices)
    func readsTheVariablesOfAJob(index: Int) {
        let job = Self.jobs[index]
        #expect(CIEnvironment.find(in: job.variables) == job.expected)
    }

    @Test(arguments: jobs.indices)
    func aJobsValuesBecomeMembersOfTheEvent(index: Int) throws {
        let job = Self.jobs[index]
        let event = try Self.event(job.variables)
        #expect(event.string("git", "commit") == Self.commit)
        #expect(event.string("git", "ref") == job.expected.ref)
        #expect(event.string("trigger", "kind") == "cli")
        #expect(event.string("trigger", "tool") == job.expected.service)
        #expect(event.string("trigger", "run") == job.expected.run)
        #expect(event.integer("deployment", "attempt") == job.expected.attempt.flatMap(Int64.init))
        #expect(event.privateMembers[["actor", "id"]]?.string == job.expected.actor)
        #expect(event.source == job.expected.source)
        // A user's name in an https address is none of the ledger's business.
        #expect(event.string("git", "repository")?.contains("ann@") == false)
    }

    @Test func badValuesAreDroppedInSilence() throws {
        let variables = [
            "BUILDKITE": "true", "BUILDKITE_COMMIT": "HEAD", "BUILDKITE_REPO": "not an address",
            "BUILDKITE_BUILD_URL": "", "BUILDKITE_BRANCH": "a\nb", "BUILDKITE_RETRY_COUNT": "x",
            "BUILDKITE_BUILD_CREATOR": String(repeating: "x", count: 5000),
        ]
        let event = try Self.event(variables)
        #expect(event.string("git", "commit") == nil)
        #expect(event.string("git", "ref") == nil)
        #expect(event.integer("deployment", "attempt") == nil)
        #expect(event.privateMembers["actor"] == nil)
        #expect(event.members["labels"] == nil)
    }

    @Test func emptyVariablesAreNone() {
        #expect(CIEnvironment.find(in: ["GITHUB_ACTIONS": ""]) == nil)
        #expect(CIEnvironment.find(in: [:]) == nil)
    }

    private static func event(_ variables: [String: String]) throws -> Event {
        var request = RunRequest(command: ["true"])
        (request.service, request.environment) = ("orders", "prod")
        let events = RunEvents(
            request: request, surroundings: RunSurroundings(variables: variables),
            changeFromPath: { _, _ in nil })
        #expect(events.notes.isEmpty)
        return try #require(events.started(at: Timestamp(milliseconds: 0)).first).event.get()
    }
}
