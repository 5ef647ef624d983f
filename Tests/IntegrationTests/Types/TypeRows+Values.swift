extension TypeRow {
    static let documents: [TypeRow] = [
        TypeRow(
            "json",
            [
                #"{"b" : 1.00, "a":9007199254740993}"#: #"{"b" : 1.00, "a":9007199254740993}"#,
                #""te\u0000xt""#: #""te\u0000xt""#,
                "[1,\"2\",null]": "[1,\"2\",null]", "12.50": "12.50", "true": "true", "null": nil,
            ],
            storesJSON: true
        ),
        TypeRow(
            "jsonb",
            [
                #"{"b":1.00,"a":1234567890123456789012345678901234567890}"#:
                    #"{"a": 1234567890123456789012345678901234567890, "b": 1.00}"#,
                #""text""#: #""text""#, #""{\"looks\":1}""#: #""{\"looks\":1}""#, #""é\u00e9""#: #""éé""#,
                "[1,\"2\",null]": "[1, \"2\", null]", "12.50": "12.50", "true": "true", "null": nil,
            ],
            bad: [
                #""nul\u0000""#: "22P05", #"{"k":["\u0000"]}"#: "22P05", #"{"\u0000":1}"#: "22P05", "1e200000": "22003",
            ],
            storesJSON: true
        ),
        TypeRow("jsonpath", [#""$.a[*] ? (@ > 1)""#: #"$."a"[*]?(@ > 1)"#], bad: [#""$.""#: "42601"]),
        TypeRow("xml", [#""<a b=\"1\">é</a>""#: #"<a b="1">é</a>"#, #""plain""#: "plain"], bad: [#""<a>""#: "2200N"]),
        TypeRow("tsvector", [#""b:2A a 'c d'""#: "'a' 'b':2A 'c d'"], bad: [#""'open""#: "42601"]),
        TypeRow("tsquery", [#""a & !b""#: "'a' & !'b'"], bad: [#""a &""#: "42601"]),
        TypeRow("hstore", [#""b=>2, a=>NULL, \"q\\\"\"=>\"é\"""#: #""a"=>NULL, "b"=>"2", "q\""=>"é""#]),
    ]

    static let ranges: [TypeRow] = [
        TypeRow(
            "int4range",
            [#""[1,5)""#: "[1,5)", #""[1,4]""#: "[1,5)", #""(,)""#: "(,)", #""empty""#: "empty", "[1,5]": "[1,6)"],
            bad: [#""[5,1)""#: "22000", #""[1,x)""#: "22P02", #""1""#: "22P02"],
            literals: ["[1,5]": "[1,5]"]
        ),
        TypeRow(
            "int8range",
            [#""(1,9223372036854775807)""#: "[2,9223372036854775807)"],
            bad: [#""[1,9223372036854775807]""#: "22003"]
        ),
        TypeRow("numrange", [#""[1.10,2.2)""#: "[1.10,2.2)", #""(,NaN]""#: "(,NaN]"]),
        TypeRow("tsrange", [#""[2026-01-01,infinity)""#: #"["2026-01-01 00:00:00",infinity)"#]),
        TypeRow("tstzrange", [#""[2026-01-01 05:30+05:30,)""#: #"["2026-01-01 00:00:00+00",)"#]),
        TypeRow("daterange", [#""[2026-01-01,2026-01-31]""#: "[2026-01-01,2026-02-01)"]),
        TypeRow("span", [#""[1.5,2.5]""#: "[1.5,2.5]"], bad: [#""[2,1]""#: "22000"]),
        TypeRow(
            "int4multirange",
            [#""{[5,7), [1,3]}""#: "{[1,4),[5,7)}", #""{}""#: "{}"],
            bad: [#""[1,3)""#: "22P02"]
        ),
        TypeRow("datemultirange", [#""{[2026-01-01,2026-01-31]}""#: "{[2026-01-01,2026-02-01)}"]),
        TypeRow(
            "tstzmultirange",
            [#""{[2026-01-01,2026-01-02)}""#: #"{["2026-01-01 00:00:00+00","2026-01-02 00:00:00+00")}"#]
        ),
        TypeRow("nummultirange", [#""{[1.1,2)}""#: "{[1.1,2)}"]),
        TypeRow("span_multirange", [#""{[1.5,2],[3,4]}""#: "{[1.5,2],[3,4]}"]),
    ]

    static let shapes: [TypeRow] = [
        TypeRow(
            "point",
            [#""(1.5,-2)""#: "(1.5,-2)", #""1,2""#: "(1,2)", #""(NaN,Infinity)""#: "(NaN,Infinity)"],
            bad: [#""(1)""#: "22P02"]
        ),
        TypeRow("line", [#""{1,2,3}""#: "{1,2,3}", #""[(0,0),(1,1)]""#: "{1,-1,0}"], bad: [#""{0,0,1}""#: "22P02"]),
        TypeRow("lseg", [#""[(1,2),(3,4)]""#: "[(1,2),(3,4)]"]),
        TypeRow("box", [#""(1,2),(3,4)""#: "(3,4),(1,2)"]),
        TypeRow("path", [#""[(1,2),(3,4)]""#: "[(1,2),(3,4)]", #""((1,2),(3,4))""#: "((1,2),(3,4))"]),
        TypeRow("polygon", [#""((0,0),(1,1),(1,0))""#: "((0,0),(1,1),(1,0))"]),
        TypeRow("circle", [#""<(1,2),3>""#: "<(1,2),3>"], bad: [#""<(1,2),-3>""#: "22P02"]),
    ]

    static let addresses: [TypeRow] = [
        TypeRow(
            "inet",
            [#""192.168.0.1/24""#: "192.168.0.1/24", #""::1""#: "::1", #""10.1.2.3""#: "10.1.2.3"],
            bad: [#""10.1.2""#: "22P02"]
        ),
        TypeRow("cidr", [#""10.0.0.0/8""#: "10.0.0.0/8", #""10.1""#: "10.1.0.0/16"], bad: [#""10.0.0.1/8""#: "22P02"]),
        TypeRow("macaddr", [#""08-00-2B-01-02-03""#: "08:00:2b:01:02:03"], bad: [#""08-00""#: "22P02"]),
        TypeRow(
            "macaddr8",
            [#""08002b0102030405""#: "08:00:2b:01:02:03:04:05", #""08:00:2b:01:02:03""#: "08:00:2b:ff:fe:01:02:03"]
        ),
        TypeRow("pg_lsn", [#""16/B374D848""#: "16/B374D848"], bad: [#""16""#: "22P02"]),
    ]

    /// What is named or numbered inside PostgreSQL.
    static let internals: [TypeRow] = [
        TypeRow(
            "oid",
            ["4294967295": "4294967295", #""7""#: "7"],
            bad: ["4294967296": "22003", #""pg_class""#: "22P02"]
        ),
        TypeRow(
            "regclass",
            [#""pg_class""#: "pg_class", #""1259""#: "pg_class", #""-""#: "-"],
            bad: [#""nowhere""#: "42P01"]
        ),
        TypeRow("regtype", [#""int4""#: "integer", #""mood""#: "mood"], bad: [#""nowhere""#: "42704"]),
        TypeRow("regproc", [#""array_in""#: "array_in"], bad: [#""abs""#: "42725", #""nowhere""#: "42883"]),
        TypeRow("regprocedure", [#""abs(int)""#: "abs(integer)"]),
        TypeRow("regoper", [#""||/""#: "||/"]),
        TypeRow("regoperator", [#""+(int,int)""#: "+(integer,integer)"]),
        TypeRow("regrole", [#""postgres""#: "postgres"], bad: [#""nobody""#: "42704"]),
        TypeRow("regnamespace", [#""pg_catalog""#: "pg_catalog"], bad: [#""nowhere""#: "3F000"]),
        TypeRow("regconfig", [#""english""#: "english"]),
        TypeRow("regdictionary", [#""simple""#: "simple"]),
        TypeRow("regcollation", [#""\"C\"""#: #""C""#]),
        TypeRow("xid", ["123": "123"]),
        TypeRow("xid8", ["18446744073709551615": "18446744073709551615"]),
        TypeRow("cid", ["5": "5"]),
        TypeRow("tid", [#""(0,1)""#: "(0,1)"], bad: [#""0""#: "22P02"]),
        TypeRow("pg_snapshot", [#""10:20:10,14,15""#: "10:20:10,14,15"], bad: [#""1""#: "22P02"]),
        TypeRow("txid_snapshot", [#""10:20:10""#: "10:20:10"]),
        TypeRow("refcursor", [#""c""#: "c"]),
        TypeRow("int2vector", [#""1 2 3""#: "1 2 3"], bad: ["[1,2]": "22P02"]),
        TypeRow("oidvector", [#""1 2 3""#: "1 2 3"]),
        TypeRow("aclitem", [#""postgres=r/postgres""#: "postgres=r/postgres"]),
    ]
}
