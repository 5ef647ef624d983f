/// Quotes an identifier; whatever it holds, it stays one. PostgreSQL refuses what is too long or holds a NUL.
func quoted(_ identifier: String) -> String {
    "\"" + identifier.replacing("\"", with: "\"\"") + "\""
}
