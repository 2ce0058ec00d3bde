extension GitHubRequests {
    static let examples = [
        RequestExample(
            "what gh prints",
            """
            [{"author": {"id": "MDQ6", "is_bot": false, "login": "ann", "name": "Ann"},
              "baseRefName": "main", "body": "OPS-7", "files": [
              {"path": "migrations/V42__add_index.sql", "additions": 3, "deletions": 0},
              {"path": "README.md", "additions": 1, "deletions": 1}],
              "headRefOid": "2222222222222222222222222222222222222222",
              "mergeCommit": {"oid": "1111111111111111111111111111111111111111"},
              "mergedAt": "2026-01-02T03:04:05Z", "number": 12, "reviews": [
              {"id": "PRR_kwDOAAAB9s5JlgLS", "author": {"login": "eve"},
              "authorAssociation": "MEMBER", "body": "Fine", "state": "APPROVED",
              "submittedAt": "2026-01-02T03:00:00Z",
              "commit": {"oid": "3333333333333333333333333333333333333333"}}],
              "title": "OPS-7 Add index", "url": "https://github.com/acme/orders/pull/12"}]
            """,
            [
                [
                    "type": "review", "source": "github:github.com/acme/orders",
                    "id": "review:1234567890:approved", "review.decision": "approved",
                    "review.kind": "approval", "actor.id": "eve", "service": "orders",
                    "change.id": "42", "change.ticket": "OPS-7", "message": "Fine",
                    "time": "2026-01-02T03:00:00.000Z", "trigger.kind": "import",
                    "links.pull_request": "https://github.com/acme/orders/pull/12",
                    "git.head_commit": "3333333333333333333333333333333333333333",
                ],
                [
                    "type": "merge", "source": "github:github.com/acme/orders",
                    "id": "merge:12:migrations/V42__add_index.sql", "change.id": "42",
                    "change.name": "V42__add_index", "author.id": "ann", "author.name": "Ann",
                    "git.commit": "1111111111111111111111111111111111111111",
                    "git.path": "migrations/V42__add_index.sql",
                    "time": "2026-01-02T03:04:05.000Z", "git.ref": "refs/heads/main",
                ],
            ]),
        RequestExample(
            "the API's list of pulls",
            """
            [{"number": 12, "title": "Add index", "html_url":
              "https://github.com/acme/orders/pull/12", "url":
              "https://api.github.com/repos/acme/orders/pulls/12", "user": {"login": "ann"},
              "merged_at": "2026-01-02T03:04:05Z", "head": {"ref": "x", "sha":
              "2222222222222222222222222222222222222222"}, "base": {"ref": "main"},
              "merge_commit_sha": "1111111111111111111111111111111111111111"},
             {"number": 13, "html_url": "https://github.com/acme/orders/pull/13",
              "merged_at": null, "merge_commit_sha": "1111111111111111111111111111111111111111"}]
            """,
            [
                [
                    "type": "merge", "id": "merge:12", "service": "orders", "author.id": "ann",
                    "git.commit": "1111111111111111111111111111111111111111",
                ]
            ]),
        RequestExample(
            "the API's list of reviews",
            """
            [{"id": 80, "node_id": "MDE3OlB1bGxSZXF1ZXN0UmV2aWV3ODA=", "state":
              "CHANGES_REQUESTED", "user": {"login": "eve"}, "body": "Drop it later",
              "html_url": "https://github.com/acme/orders/pull/12#pullrequestreview-80",
              "pull_request_url": "https://api.github.com/repos/acme/orders/pulls/12",
              "submitted_at": "2026-01-02T03:04:05Z",
              "commit_id": "3333333333333333333333333333333333333333"},
             {"id": 81, "state": "PENDING", "pull_request_url":
              "https://api.github.com/repos/acme/orders/pulls/12", "html_url":
              "https://github.com/acme/orders/pull/12#pullrequestreview-81"}]
            """,
            [
                [
                    "type": "review", "source": "github:github.com/acme/orders",
                    "id": "review:80:rejected", "review.decision": "rejected",
                    "links.pull_request": "https://github.com/acme/orders/pull/12",
                    "links.review":
                        "https://github.com/acme/orders/pull/12#pullrequestreview-80",
                ]
            ]),
        RequestExample(
            "a node's id of old, of two scripts, one that undoes",
            """
            {"number": 7, "url": "https://github.com/acme/orders/pull/7", "mergedAt": null,
             "files": [{"path": "migrations/V1__a.sql"}, {"path": "migrations/U1__a.sql"},
             {"path": "migrations/V2__b.sql"}], "reviews": [{"id":
             "MDE3OlB1bGxSZXF1ZXN0UmV2aWV3ODA=", "state": "APPROVED", "author": {"login": "eve"},
             "submittedAt": "2026-01-02T03:00:00Z"}]}
            """,
            [
                [
                    "type": "review", "id": "review:80:approved", "about.0": "orders:1",
                    "about.1": "orders:2",
                ]
            ]),
        RequestExample("nothing", "[]", []),
    ]
}
