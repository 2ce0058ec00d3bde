/// This program, as exports name what made them.
public enum Program {
    public static let version = "0.1.0"
    public static let name = "ledger \(version)"
}
