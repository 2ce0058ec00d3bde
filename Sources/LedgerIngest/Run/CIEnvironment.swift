/// What the variables of a CI job say about it. Nothing here is checked: who takes a value drops it
/// if it is no valid one.
public struct CIEnvironment: Sendable, Equatable {
    /// The service's name: `github-actions`, `gitlab-ci` …
    public var service = ""
    /// The repository or job that runs, as a name.
    public var project: String?
    public var job: String?
    public var commit: String?
    /// A branch or tag.
    public var ref: String?
    public var repository: String?
    /// The page of this run.
    public var run: String?
    /// Who caused it.
    public var actor: String?
    /// Counted from 1.
    public var attempt: String?

    /// `github-actions:acme/orders`: who sends the events.
    public var source: String {
        [service, project ?? job].compactMap(\.self).joined(separator: ":")
    }

    /// The job whose variables these are; nil outside the seven services that we know.
    public static func find(in variables: [String: String]) -> CIEnvironment? {
        let set = Variables(variables)
        if set["GITHUB_ACTIONS"] != nil { return gitHub(set) }
        if set["GITLAB_CI"] != nil { return gitLab(set) }
        if set["TF_BUILD"] != nil { return azure(set) }
        if set["BITBUCKET_BUILD_NUMBER"] != nil { return bitbucket(set) }
        if set["CIRCLECI"] != nil { return circle(set) }
        if set["BUILDKITE"] != nil { return buildkite(set) }
        if set["JENKINS_URL"] != nil { return jenkins(set) }
        return nil
    }

    /// Variables, of which an empty one counts as absent.
    private struct Variables {
        private let values: [String: String]

        init(_ values: [String: String]) {
            self.values = values
        }

        subscript(name: String) -> String? {
            values[name].flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    // docs.github.com, "Variables reference": in a pull request GITHUB_REF_NAME is `12/merge`, and
    // GITHUB_HEAD_REF the branch. A re-run has another triggering actor.
    private static func gitHub(_ set: Variables) -> CIEnvironment {
        var found = CIEnvironment(service: "github-actions")
        found.project = set["GITHUB_REPOSITORY"]
        found.job = set["GITHUB_JOB"]
        found.commit = set["GITHUB_SHA"]
        found.ref = set["GITHUB_HEAD_REF"] ?? set["GITHUB_REF_NAME"]
        if let server = set["GITHUB_SERVER_URL"], let project = found.project {
            found.repository = "\(server)/\(project)"
            found.run = set["GITHUB_RUN_ID"].map { "\(server)/\(project)/actions/runs/\($0)" }
        }
        found.actor = set["GITHUB_TRIGGERING_ACTOR"] ?? set["GITHUB_ACTOR"]
        found.attempt = set["GITHUB_RUN_ATTEMPT"]
        return found
    }

    // docs.gitlab.com, "Predefined CI/CD variables reference".
    private static func gitLab(_ set: Variables) -> CIEnvironment {
        var found = CIEnvironment(service: "gitlab-ci")
        found.project = set["CI_PROJECT_PATH"]
        found.job = set["CI_JOB_NAME"]
        found.commit = set["CI_COMMIT_SHA"]
        found.ref = set["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"] ?? set["CI_COMMIT_REF_NAME"]
        found.repository = set["CI_PROJECT_URL"]
        found.run = set["CI_JOB_URL"] ?? set["CI_PIPELINE_URL"]
        found.actor = set["GITLAB_USER_LOGIN"] ?? set["GITLAB_USER_EMAIL"]
        return found
    }

    // jenkins.io, "Using environment variables"; GIT_… are set by the Git plugin, CHANGE_… by
    // multibranch pipelines, BUILD_USER… by the Build User Vars plugin.
    private static func jenkins(_ set: Variables) -> CIEnvironment {
        var found = CIEnvironment(service: "jenkins")
        found.project = set["JOB_NAME"]
        found.job = set["STAGE_NAME"] ?? set["JOB_BASE_NAME"]
        found.commit = set["GIT_COMMIT"]
        found.ref =
            set["CHANGE_BRANCH"] ?? set["BRANCH_NAME"]
            ?? set["GIT_BRANCH"].map {
                $0.hasPrefix("origin/") ? String($0.dropFirst("origin/".count)) : $0
            }
        found.repository = set["GIT_URL"]
        found.run = set["BUILD_URL"]
        found.actor = set["BUILD_USER_ID"] ?? set["BUILD_USER_EMAIL"] ?? set["CHANGE_AUTHOR"]
        return found
    }

    // learn.microsoft.com, "Use predefined variables" of Azure Pipelines.
    private static func azure(_ set: Variables) -> CIEnvironment {
        var found = CIEnvironment(service: "azure-pipelines")
        found.project = set["BUILD_REPOSITORY_NAME"] ?? set["SYSTEM_TEAMPROJECT"]
        found.job = set["SYSTEM_JOBDISPLAYNAME"] ?? set["BUILD_DEFINITIONNAME"]
        found.commit = set["BUILD_SOURCEVERSION"]
        let branch = set["SYSTEM_PULLREQUEST_SOURCEBRANCH"] ?? set["BUILD_SOURCEBRANCH"]
        found.ref = branch.map { ref in
            let prefix = ["refs/heads/", "refs/tags/"].first { ref.hasPrefix($0) } ?? ""
            return String(ref.dropFirst(prefix.count))
        }
        found.repository = set["BUILD_REPOSITORY_URI"]
        let collection =
            set["SYSTEM_COLLECTIONURI"] ?? set["SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"]
        if let collection, let project = set["SYSTEM_TEAMPROJECT"], let build = set["BUILD_BUILDID"]
        {
            let base = collection.hasSuffix("/") ? collection : collection + "/"
            let place = project.split(separator: " ").joined(separator: "%20")
            found.run = "\(base)\(place)/_build/results?buildId=\(build)"
        }
        found.actor = set["BUILD_REQUESTEDFOREMAIL"] ?? set["BUILD_REQUESTEDFOR"]
        found.attempt = set["SYSTEM_JOBATTEMPT"]
        return found
    }

    // support.atlassian.com, "Variables and secrets" of Bitbucket Pipelines.
    private static func bitbucket(_ set: Variables) -> CIEnvironment {
        var found = CIEnvironment(service: "bitbucket-pipelines")
        found.project = set["BITBUCKET_REPO_FULL_NAME"]
        found.commit = set["BITBUCKET_COMMIT"]
        found.ref = set["BITBUCKET_BRANCH"] ?? set["BITBUCKET_TAG"]
        found.repository =
            set["BITBUCKET_GIT_HTTP_ORIGIN"] ?? found.project.map { "https://bitbucket.org/\($0)" }
        if let project = found.project, let number = set["BITBUCKET_BUILD_NUMBER"] {
            found.run = "https://bitbucket.org/\(project)/pipelines/results/\(number)"
        }
        found.actor = set["BITBUCKET_STEP_TRIGGERER_UUID"]
        found.attempt = set["BITBUCKET_STEP_RUN_NUMBER"]
        return found
    }

    // circleci.com, "Project values and variables".
    private static func circle(_ set: Variables) -> CIEnvironment {
        var found = CIEnvironment(service: "circleci")
        if let owner = set["CIRCLE_PROJECT_USERNAME"], let name = set["CIRCLE_PROJECT_REPONAME"] {
            found.project = "\(owner)/\(name)"
        }
        found.job = set["CIRCLE_JOB"]
        found.commit = set["CIRCLE_SHA1"]
        found.ref = set["CIRCLE_BRANCH"] ?? set["CIRCLE_TAG"]
        found.repository = set["CIRCLE_REPOSITORY_URL"]
        found.run = set["CIRCLE_BUILD_URL"]
        found.actor = set["CIRCLE_USERNAME"]
        return found
    }

    // buildkite.com, "Environment variables": the retry count is from 0, and the commit of a build
    // by hand may be the word HEAD.
    private static func buildkite(_ set: Variables) -> CIEnvironment {
        var found = CIEnvironment(service: "buildkite")
        found.project = set["BUILDKITE_PIPELINE_SLUG"].map { slug in
            set["BUILDKITE_ORGANIZATION_SLUG"].map { "\($0)/\(slug)" } ?? slug
        }
        found.job = set["BUILDKITE_LABEL"]
        found.commit = set["BUILDKITE_COMMIT"]
        found.ref = set["BUILDKITE_BRANCH"] ?? set["BUILDKITE_TAG"]
        found.repository = set["BUILDKITE_REPO"]
        found.run = set["BUILDKITE_BUILD_URL"].map { url in
            set["BUILDKITE_JOB_ID"].map { "\(url)#\($0)" } ?? url
        }
        found.actor = set["BUILDKITE_BUILD_CREATOR_EMAIL"] ?? set["BUILDKITE_BUILD_CREATOR"]
        found.attempt = set["BUILDKITE_RETRY_COUNT"].flatMap(Int.init).map { String($0 + 1) }
        return found
    }
}
