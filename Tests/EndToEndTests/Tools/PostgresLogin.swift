import Foundation

/// How a tool comes to a database of PostgreSQL on loopback.
struct PostgresLogin: Sendable {
    let user = "postgres"
    let database = "postgres"
    let port: UInt16
    /// Of the password, what is the same however it is written.
    let secret: String

    /// One that nobody else has.
    static func newSecret() -> String { UUID().uuidString.prefix(8).lowercased() }

    static func password(of secret: String) -> String { "p:\(secret)/@%1" }

    /// Much of it must be written otherwise in a URL.
    var password: String { Self.password(of: secret) }

    func url(_ scheme: String) -> String {
        "\(scheme)://\(user):p%3A\(secret)%2F%40%251@127.0.0.1:\(port)/\(database)"
    }
}
