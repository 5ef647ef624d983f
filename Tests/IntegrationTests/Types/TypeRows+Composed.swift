extension TypeRow {
    static let arrays: [TypeRow] = [
        TypeRow(
            "int[]",
            [
                "[1,null,3]": "{1,NULL,3}", "[ [1,2] , [3,4] ]": "{{1,2},{3,4}}", "[]": "{}", "[[],[]]": "{}",
                #""[0:1]={5,6}""#: "[0:1]={5,6}", #"["007"]"#: "{7}", "null": nil, "[[[1]],[[2]]]": "{{{1}},{{2}}}",
            ],
            bad: [
                "[[1],[2,3]]": "22P02", "[1,[2]]": "22P02", "[1.5]": "22P02", "5": "22P02", "[[[[[[[1]]]]]]]": "54000",
                "[2147483648]": "22003", #"[{"a":1}]"#: "22P02",
            ],
            literals: [
                "[[1],[2,3]]": "{{1},{2,3}}", "[1,[2]]": "{1,{2}}", "[1.5]": "{1.5}",
                "[[[[[[[1]]]]]]]": "{{{{{{{1}}}}}}}", "[2147483648]": "{2147483648}", #"[{"a":1}]"#: #"{"{\"a\":1}"}"#,
            ]
        ),
        TypeRow(
            "text[]",
            [
                #"["a","b c","{x}","\"q\"","back\\slash","","NULL",null," ","a,b"]"#:
                    #"{a,"b c","{x}","\"q\"","back\\slash","","NULL",NULL," ","a,b"}"#,
                #"["नमस्ते","你好，世界","👍","שלום","e\u0301","\ud83d\ude00"]"#: "{नमस्ते,你好，世界,👍,שלום,e\u{301},😀}",
                #"["a\tb\nc\r\u0001"]"#: "{\"a\tb\nc\r\u{1}\"}",
                #"[true,1.50,{"k":[1,"x"]}]"#: #"{true,1.50,"{\"k\":[1,\"x\"]}"}"#,
                #"[["é",null],["","\\"]]"#: #"{{é,NULL},{"","\\"}}"#, "[]": "{}", #""{a,b}""#: "{a,b}",
                "[null]": "{NULL}",
            ],
            bad: [#""a""#: "22P02", #"["a",["b"]]"#: "22P02"],
            literals: [#"["a",["b"]]"#: "{a,{b}}"]
        ),
        TypeRow(
            "varchar(3)[]",
            [#"["abc","é😀"]"#: "{abc,é😀}", "[]": "{}"],
            bad: [#"["a","abcd"]"#: "22001", #"[["abcd"]]"#: "22001"],
            literals: [#"["a","abcd"]"#: "{a,abcd}", #"[["abcd"]]"#: "{{abcd}}"]
        ),
        TypeRow(
            "char(3)[]",
            [#"["a"]"#: #"{"a  "}"#],
            bad: [#"["abcd"]"#: "22001"],
            literals: [#"["abcd"]"#: "{abcd}"]
        ),
        TypeRow(
            "numeric(3,1)[]",
            ["[12345e-3,null]": "{12.3,NULL}"],
            bad: ["[100]": "22003"],
            literals: ["[12345e-3,null]": "{12345e-3,NULL}", "[100]": "{100}"]
        ),
        TypeRow("bit(3)[]", [#"["101"]"#: "{101}"], bad: [#"["1"]"#: "22026"], literals: [#"["1"]"#: "{1}"]),
        TypeRow(
            "timestamp(0)[]",
            [#"["2026-01-01 00:00:00.7"]"#: #"{"2026-01-01 00:00:01"}"#],
            literals: [#"["2026-01-01 00:00:00.7"]"#: #"{"2026-01-01 00:00:00.7"}"#]
        ),
        TypeRow("bigint[]", ["[9007199254740993]": "{9007199254740993}"]),
        TypeRow("numeric[]", [#"[12345678901234567890.12,"NaN"]"#: "{12345678901234567890.12,NaN}"]),
        TypeRow("double precision[]", [#"[0.1,"NaN","-Infinity"]"#: "{0.1,NaN,-Infinity}"]),
        TypeRow("boolean[]", [#"[true,false,"yes"]"#: "{t,f,t}"]),
        TypeRow(
            "bytea[]",
            [#"["\\x00ff","\\\\"]"#: #"{"\\x00ff","\\x5c"}"#],
            literals: [#"["\\x00ff","\\\\"]"#: #"{"\\x00ff","\\\\"}"#]
        ),
        TypeRow("uuid[]", [#"["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"]"#: "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"]),
        TypeRow("date[]", [#"["infinity","2026-01-01"]"#: "{infinity,2026-01-01}"]),
        TypeRow("timestamptz[]", [#"["2026-01-01 05:30+05:30"]"#: #"{"2026-01-01 00:00:00+00"}"#]),
        TypeRow("interval[]", [#"["1 day","PT1S"]"#: #"{"1 day",00:00:01}"#]),
        TypeRow("inet[]", [#"["10.0.0.1/8"]"#: "{10.0.0.1/8}"]),
        TypeRow("money[]", [#"["$1,234.50"]"#: #"{"$1,234.50"}"#]),
        TypeRow(
            "mood[]",
            [#"["sad","very 'happy'",null]"#: #"{sad,"very 'happy'",NULL}"#],
            bad: [#"["glad"]"#: "22P02"],
            literals: [#"["glad"]"#: "{glad}"]
        ),
        TypeRow("json[]", [#"[{"a" : 1},"s",null,1.50]"#: #"{"{\"a\" : 1}","\"s\"",NULL,1.50}"#]),
        TypeRow("jsonb[]", [#"[{"a":1},"s",null,12.50,true]"#: #"{"{\"a\": 1}","\"s\"",NULL,12.50,true}"#]),
        TypeRow("xml[]", [#"["<a/>"]"#: "{<a/>}"]),
        TypeRow("point[]", [#"["(1,2)","3,4"]"#: #"{"(1,2)","(3,4)"}"#]),
        TypeRow("box[]", [#"["(1,1),(0,0)","(2,2),(0,0)"]"#: "{(1,1),(0,0);(2,2),(0,0)}", "[]": "{}"]),
        TypeRow("int4range[]", [#"["[1,5)",null]"#: #"{"[1,5)",NULL}"#]),
        TypeRow("int4multirange[]", [#"["{[1,5)}"]"#: #"{"{[1,5)}"}"#]),
        TypeRow("tsvector[]", [#"["a b"]"#: #"{"'a' 'b'"}"#]),
        TypeRow("regclass[]", [#"["pg_class"]"#: "{pg_class}"]),
        TypeRow("hstore[]", [#"["a=>1"]"#: #"{"\"a\"=>\"1\""}"#]),
        TypeRow("citext[]", [#"["A"]"#: "{A}"]),
        TypeRow("pair[]", [#"["(1,\"x y\")",null]"#: #"{"(1,\"x y\")",NULL}"#]),
        TypeRow(
            "name[]",
            [#"["a"]"#: "{a}"],
            bad: ["[\"\(String(repeating: "x", count: 64))\"]": "22001"],
            isCutByPostgres: true
        ),
        TypeRow(#""char"[]"#, [#"["a",null,""]"#: #"{a,NULL,""}"#], bad: [#"["ab"]"#: "22001"], isCutByPostgres: true),
        TypeRow(
            "short_code[]",
            [#"["abc"]"#: "{abc}"],
            bad: [#"["abcd"]"#: "22001", #"[""]"#: "23514"],
            literals: [#"["abcd"]"#: "{abcd}", #"[""]"#: #"{""}"#]
        ),
        TypeRow("document[]", [#"["s",{"a":1}]"#: #"{"\"s\"","{\"a\": 1}"}"#]),
    ]

    static let domains: [TypeRow] = [
        TypeRow("positive", ["1": "1", "null": nil], bad: ["0": "23514", "\"x\"": "22P02"]),
        TypeRow("needed", [#""a""#: "a"], bad: ["null": "23502"]),
        TypeRow(
            "short_code",
            [#""abc""#: "abc", #""abc  ""#: "abc", "null": nil],
            bad: [#""abcd""#: "22001", #""""#: "23514"]
        ),
        TypeRow("shorter_code", [#""abc""#: "abc"], bad: [#""abcd""#: "22001", #""no""#: "23514"]),
        TypeRow("padded", [#""a""#: "a  "], bad: [#""abcd""#: "22001"]),
        TypeRow("price", ["1.005": "1.01"], bad: ["1000": "22003", "-1": "23514"]),
        TypeRow("moment", [#""2026-01-01 00:00:00.7""#: "2026-01-01 00:00:01+00"]),
        TypeRow("feeling", [#""sad""#: "sad"], bad: [#""glad""#: "22P02"]),
        TypeRow(
            "document",
            [#"{"a":1}"#: #"{"a": 1}"#, #""s""#: #""s""#],
            bad: [#""\u0000""#: "22P05", "[1]": "23514"],
            storesJSON: true
        ),
        TypeRow(
            "numbers",
            ["[1,2]": "{1,2}", #""{3}""#: "{3}", "null": nil],
            bad: ["[]": "23514", "[\"x\"]": "22P02"],
            literals: ["[]": "{}", "[\"x\"]": "{x}"]
        ),
        TypeRow(
            "codes",
            [#"["abc"]"#: "{abc}", "[]": "{}"],
            bad: [#"["abcd"]"#: "22001"],
            literals: [#"["abcd"]"#: "{abcd}"]
        ),
        TypeRow("couple", [#""(1,a)""#: "(1,a)"], bad: [#""(0,a)""#: "23514"]),
        TypeRow("place", [#""pg_class""#: "pg_class"]),
        TypeRow("network", [#""10.0.0.0/8""#: "10.0.0.0/8"]),
    ]

    static let composites: [TypeRow] = [
        TypeRow(
            "pair",
            [#""(1,abc)""#: "(1,abc)", #""(,\"x \"\"y\"\"\")""#: #"(,"x ""y""")"#, #""(,)""#: "(,)", "null": nil],
            bad: [#""(x,y)""#: "22P02", #""(1)""#: "22P02", #""1""#: "22P02", #"{"x":1,"y":"a"}"#: "22P02"]
        ),
        TypeRow("strict", [#""(abc,1)""#: "(abc,1)"], bad: [#""(abcd,1)""#: "22001", #""(a,0)""#: "23514"]),
        TypeRow("nested", [#""(\"(1,a)\",\"{1,2}\")""#: #"("(1,a)","{1,2}")"#]),
    ]

    /// The types of the rows that PostgreSQL does not bring along.
    static let ownTypes = """
        CREATE EXTENSION hstore; CREATE EXTENSION citext;
        CREATE TYPE mood AS ENUM ('sad', 'very ''happy''');
        CREATE TYPE span AS RANGE (subtype = float8);
        CREATE TYPE pair AS (x int, y text);
        CREATE DOMAIN positive AS int CHECK (VALUE > 0);
        CREATE DOMAIN needed AS text NOT NULL;
        CREATE DOMAIN short_code AS varchar(3) CHECK (VALUE <> '');
        CREATE DOMAIN shorter_code AS short_code CHECK (VALUE <> 'no');
        CREATE DOMAIN padded AS char(3);
        CREATE DOMAIN price AS numeric(5,2) CHECK (VALUE > 0);
        CREATE DOMAIN moment AS timestamptz(0);
        CREATE DOMAIN feeling AS mood;
        CREATE DOMAIN document AS jsonb CHECK (jsonb_typeof(VALUE) <> 'array');
        CREATE DOMAIN numbers AS int[] CHECK (cardinality(VALUE) > 0);
        CREATE DOMAIN codes AS varchar(3)[];
        CREATE DOMAIN couple AS pair CHECK ((VALUE).x > 0);
        CREATE DOMAIN place AS regclass;
        CREATE DOMAIN network AS cidr;
        CREATE TYPE strict AS (code varchar(3), amount positive);
        CREATE TYPE nested AS (one pair, many int[]);
        """

    static let all =
        numbers + texts + times + documents + ranges + shapes + addresses + internals + arrays + domains + composites
}
