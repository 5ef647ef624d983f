/// What generated rows are made of.
enum Words {
    static let firstNames = [
        "Asha", "Ben", "Chidi", "Daniela", "Emre", "Farah", "Grace", "Hiro", "Inés", "Jürgen", "Kavya", "Łukasz", "Mei",
        "Nikos", "Olena", "Priya", "Quentin", "Ravi", "Søren", "Tariq", "Uma", "Victor", "Wanjiru", "Ximena", "Yusuf",
        "Zoë", "नेहा", "ಅನಿಲ್", "மீனா", "李娜",
    ]
    static let lastNames = [
        "Acharya", "Brown", "Castillo", "D'Souza", "Eriksson", "Fernandes", "Gowda", "Hussain", "Iyer", "Joshi", "Khan",
        "Lindqvist", "Menon", "Nakamura", "O'Brien", "Patel", "Reddy", "Sharma", "Tanaka", "Varghese", "Weber", "Zhang",
    ]
    static let streets = [
        "Church Street", "Brigade Road", "Lake View Avenue", "Station Road", "Hill Crescent", "Temple Lane",
        "Market Square",
    ]
    static let areas = ["Indiranagar", "Jayanagar", "Koramangala", "Malleshwaram", "Whitefield", "Yelahanka"]
    static let cities = ["Bengaluru", "Chennai", "Kochi", "Kolkata", "Mysuru", "Pune"]
    static let languages = ["en", "hi", "kn", "ml", "ta", "te"]
    static let modes = ["auto", "bus", "cab", "metro", "walk"]
    static let statuses = ["planned", "started", "completed", "cancelled"]
    static let tags = ["airport", "early", "frequent", "pool", "quiet", "wheelchair"]
}
