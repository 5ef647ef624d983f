@main
struct Drainer {
    static func main() {}
}
