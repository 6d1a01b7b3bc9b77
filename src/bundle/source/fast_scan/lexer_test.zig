const std = @import("std");
const Kind = @import("tokens.zig").Kind;
const lexer_module = @import("lexer.zig");
const Lexer = lexer_module.Lexer;
const depth_max = lexer_module.depth_max;
const testing = std.testing;

fn expectKinds(text: []const u8, kinds: []const Kind) !void {
    var lexer: Lexer = .init(text, true);
    for (kinds) |kind| try testing.expectEqual(kind, lexer.next().kind);
}

test "a slash" {
    try expectKinds("a / b", &.{ .word, .operator, .word, .end });
    try expectKinds("a /= b", &.{ .word, .assign, .word, .end });
    try expectKinds("(a) / b", &.{ .open_paren, .word, .close_paren, .operator, .word, .end });
    try expectKinds("x = /[/\"]\\//g", &.{ .word, .assign, .regex, .end });
    try expectKinds("return /a/", &.{ .word, .regex, .end });
    try expectKinds("x.return / a", &.{ .word, .dot, .word, .operator, .word, .end });
    try expectKinds("`${/`/}` / 2", &.{ .interpolation, .regex, .template, .operator, .number, .end });
    try expectKinds("} /a/", &.{.unknown});
    try expectKinds("if (a) /b/", &.{ .word, .open_paren, .word, .close_paren, .unknown });
    try expectKinds("x.if(a) / b", &.{ .word, .dot, .word, .open_paren, .word, .close_paren, .operator });
    try expectKinds("a++ / b", &.{ .word, .step, .unknown });
    try expectKinds("a\n/b/", &.{ .word, .unknown });
    try expectKinds("yield /a/", &.{ .word, .unknown });
}

test "signs" {
    try expectKinds("a?.b?.5:c??d", &.{
        .word, .optional_dot, .word, .question, .number, .colon, .word, .nullish, .word, .end,
    });
    try expectKinds("a&&=b||c&d", &.{ .word, .assign, .word, .or_or, .word, .operator, .word });
    try expectKinds("a!==b!=c!d", &.{ .word, .equality, .word, .equality, .word, .not, .word });
    try expectKinds("a=>b>=c>>d", &.{ .word, .arrow, .word, .greater, .word, .greater, .greater });
    try expectKinds("...a.#b@c", &.{ .operator, .word, .dot, .private_name, .at, .word });
    try expectKinds("1.0.a 0x1_fn", &.{ .number, .number, .end });
    try expectKinds("a<b", &.{ .word, .less, .word });
    var lexer: Lexer = .init("a<b", false);
    _ = lexer.next();
    try testing.expectEqual(.unknown, lexer.next().kind);
}

test "literals, comments and what nobody can tell" {
    try expectKinds("'it\\'s' \"\\n\" `a${`b${c}`}d`", &.{
        .string, .string, .interpolation, .interpolation, .word, .template, .template, .end,
    });
    try expectKinds("/* ' */ a // \"\nb", &.{ .word, .word, .end });
    const unknown = [_][]const u8{
        "'a",        "'a\n'",           "`a",       "/* a",      "'\\x41'",  "'\\072'",
        "`\\u{41}`", "#!a",             "\xc3\xa9", "a\xc3\xa9", "a\\u0041", "<!-- a",
        "--> a",     "// \xe2\x80\xa8", "/\n/",     "/a",        ")",        "]",
        "\x00",
    };
    for (unknown) |text| {
        var lexer: Lexer = .init(text, true);
        try testing.expectEqual(.unknown, lexer.next().kind);
    }
    try expectKinds("(]", &.{ .open_paren, .unknown });
    try expectKinds("(", &.{ .open_paren, .unknown });
    var deep: Lexer = .init("(" ** (depth_max + 1), true);
    for (0..depth_max) |_| try testing.expectEqual(.open_paren, deep.next().kind);
    try testing.expectEqual(.unknown, deep.next().kind);
}
