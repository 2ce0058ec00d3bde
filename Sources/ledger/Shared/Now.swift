import Glibc
import LedgerCore
import LedgerOperations

enum Now {
    /// Since 1970.
    static var milliseconds: Int64 { Clock.system.now() }

    static var timestamp: Timestamp { Timestamp(milliseconds: milliseconds) }
}
