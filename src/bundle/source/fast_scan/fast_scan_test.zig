const std = @import("std");
const fast_scan = @import("fast_scan.zig");
const lexer_file = @import("lexer.zig");
const Call = fast_scan.Call;
const Span = fast_scan.Span;
const find = fast_scan.find;
const testing = std.testing;
const import_text = "import { feature } from \"bun:bundle\";\n";

fn countCalls(comptime code: []const u8) ?usize {
    var room: [8]Call = undefined;
    const uses = find(import_text ++ code, true, &room) orelse return null;
    for (uses.calls) |call| {
        const name = (import_text ++ code)[call.name_at..][0..call.name_size];
        std.debug.assert(std.mem.eql(u8, name, "A"));
    }
    return uses.calls.len;
}

test "calls in conditions" {
    const plain = .{
        .{ 0, "" },
        .{ 1, "if (feature(\"A\")) f();" },
        .{ 1, "if (a && !feature('A') || b.c) f();" },
        .{ 1, "if (f(x) && feature(\"A\")) f();" },
        .{ 1, "const x = feature(\"A\") && y.z ? 1 : 2;" },
        .{ 2, "const x = a > 5 ? 1 : feature('A') && feature('A') ? 2 : 3;" },
        .{ 1, "return feature(\"A\") as boolean ? 1 : 2;" },
        .{ 1, "f(`${feature(\"A\") ? 1 : 2}`);" },
        .{ 0, "/* feature */ const feature_s = 'feature'; // feature(\"A\")" },
        .{ 0, "x.feature(\"A\");" },
        .{ 1, "const r = /['\"]/; if ((a + b) / 2 && feature(\"A\")) f(\"it's\");" },
        .{ 1, "if (Bun.version && feature(\"A\")) f();" },
    };
    inline for (plain) |case| try testing.expectEqual(case[0], countCalls(case[1]));
}

test "what only a parser can tell" {
    const others = .{
        "const f = feature;",
        "f(feature(\"A\"));",
        "if (f(feature(\"A\"))) f();",
        "new feature(\"A\") ? 1 : 2;",
        "if (feature(\"\\x41\")) f();",
        "type F = { new (b = feature(\"A\") ? 1 : 2): c };",
        "interface I { feature(\"A\")?: number }",
        "interface I { feature(\"A\")?(a): number }",
        "interface I { if(a: feature(\"A\")): void }",
        "type T = [feature(\"A\")?];",
        "if (a as b | feature(\"A\")) f();",
        "const c = Bun.config.version;",
        "const b = Bun",
        "import { live } from \"immuconfig/live\";",
        "import(\"bun:bundle\");",
        "if (x) /\"/.test(feature(\"A\") ? 1 : 2);",
        "x.if (feature(\"A\"));",
        "(",
        ")",
        "`${",
    };
    inline for (others) |code| try testing.expectEqual(null, countCalls(code));
    var room: [0]Call = .{};
    try testing.expectEqual(null, find("f();", true, &room));
    try testing.expectEqual(null, find(import_text ++ "\xff", true, &room));
    try testing.expectEqual(null, find(import_text ++ "if (feature(\"A\")) f();", true, &room));
}

test "each byte is read a bounded number of times" {
    const call = "feature(\"A\") && ";
    const comment = "/*" ++ "x" ** 20_000 ++ "*/";
    const code = import_text ++ "const a = b;\nconst x = " ++ call ** 200 ++ comment ++ "a ? 1 : 2;";
    var room: [200]Call = undefined;
    const before = lexer_file.bytes_read;
    try testing.expectEqual(200, find(code, true, &room).?.calls.len);
    try testing.expect(lexer_file.bytes_read - before <= 8 * code.len);
}

test "offsets are in UTF-16 code units" {
    var room: [1]Call = undefined;
    const text = "\xef\xbb\xbf/* \u{e9}\u{20ac}\u{1f600} */" ++ import_text ++ "if (feature('A')) f();";
    const uses = find(text, true, &room).?;
    try testing.expectEqual(Span{ .start = 11, .end = 48 }, uses.import);
    try testing.expectEqual(Span{ .start = 53, .end = 65 }, uses.calls[0].whole);
    try testing.expectEqual(Span{ .start = 61, .end = 64 }, uses.calls[0].name);
    try testing.expectEqualStrings("A", text[uses.calls[0].name_at..][0..uses.calls[0].name_size]);
}
