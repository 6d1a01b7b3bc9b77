//! Reads a source without a syntax tree. It accepts only what nobody can misread: one plain
//! import of `feature`, and direct calls of it that stand in a condition by the tokens around them.
//! Everything else is for the parser. This is why a build of a small program need not load the
//! parser at all, and why a bundler's adapter seldom waits for a tree.
//!
//! What is accepted also parses if and only if it still does when each call is replaced by `true`
//! or `false` and the import by `export {}`: whoever replaces them may leave it to the bundler to
//! find what does not parse. Hence the rules about what a `?` or a `:` might be in a type or in a
//! class, where a literal may stand and a call may not.

const std = @import("std");
const Lexer = @import("lexer.zig").Lexer;
const needles = @import("../needles.zig");
const tokens = @import("tokens.zig");
const Sign = tokens.Sign;
const Token = tokens.Token;
const Word = tokens.Word;

const bundle_module = needles.bundle_module;
const live_module = "immuconfig/live";

/// Offsets in UTF-16 code units.
pub const Span = extern struct { start: u32, end: u32 };

pub const Call = extern struct {
    /// The call with a cast to `boolean` behind it.
    whole: Span,
    /// The flag's name with its quotes.
    name: Span,
    /// Bytes, where the name starts without its quotes.
    name_at: u32,
    name_size: u32,
};

pub const Uses = struct {
    import: Span,
    calls: []const Call,
};

/// The uses in a source that parses. Null when it must be parsed to be sure, or when there are
/// more calls than `room`.
///
/// `typescript_only`: the file's name rules out JSX.
pub fn find(text: []const u8, typescript_only: bool, room: []Call) ?Uses {
    if (text.len > std.math.maxInt(u32) or !std.unicode.utf8ValidateSlice(text)) return null;
    if (std.mem.indexOf(u8, text, live_module) != null) return null;
    var scan: Scan = .{ .lexer = .init(text, typescript_only), .room = room };
    return scan.run();
}

/// Words that may stand in front of a type, whose `|`, `:` or `?` are not an expression's, or of
/// a body.
const no_test: Word.Set = .initMany(&.{
    .as, .satisfies, .is, .asserts, .extends, .keyof, .infer, .function, .class,
});

/// How far a run of tokens since `if (` can only be the test of that `if`.
const Test = struct {
    /// Openers, with the `(` of the `if`.
    depth: u8,
    /// `?` without their `:`.
    questions: u32 = 0,
};

const Scan = struct {
    lexer: Lexer,
    room: []Call,
    count: usize = 0,
    import: ?Span = null,
    in_test: ?Test = null,
    /// The last run of operands that was followed: a call inside of it ends where it does, and need
    /// not follow it again.
    chain: Chain = .{},
    /// The last token but for any `!`, and the one before it.
    operand_before: [2]Sign = @splat(.{ .kind = .semicolon }),

    fn run(scan: *Scan) ?Uses {
        while (true) {
            const before = scan.lexer.last;
            const before_that = scan.lexer.before_last;
            if (before.kind != .not) scan.operand_before = .{ before_that, before };
            const token = scan.lexer.next();
            switch (token.kind) {
                .end => break,
                .unknown => return null,
                // It could belong to the `export` that comes in place of the import.
                .at => if (scan.import == null) return null,
                .string, .template, .interpolation => {
                    if (std.mem.indexOf(u8, token.text, bundle_module) != null) return null;
                },
                else => {},
            }
            if (!isPlainBun(before_that, before, token)) return null;
            switch (token.word) {
                .import => if (!scan.takeImport(token, before)) return null,
                .feature => {
                    if (!before.isMemberAccess() and !scan.takeCall(token, before)) return null;
                },
                else => {},
            }
            scan.followTest(token, before, before_that);
        }
        // A source may end with `Bun`.
        if (scan.lexer.before_last.word == .Bun) return null;
        return .{ .import = scan.import orelse return null, .calls = scan.room[0..scan.count] };
    }

    /// Goes to the end of an import of `bun:bundle`; another import is none of ours.
    fn takeImport(scan: *Scan, token: Token, before: Sign) bool {
        var ahead = scan.lexer;
        if (ahead.next().kind != .open_brace) return true;
        if (ahead.next().word != .feature) return true;
        if (ahead.next().kind != .close_brace or ahead.next().word != .from) return false;
        const name = ahead.next();
        if (!isString(name, bundle_module)) return false;
        if (scan.import != null or scan.lexer.depth != 0) return false;
        switch (before.kind) {
            .semicolon, .close_brace, .string, .close_bracket => {},
            else => return false,
        }
        var span: Span = .{ .start = token.start, .end = name.end };
        var behind = ahead;
        const end = behind.next();
        if (end.kind == .semicolon) {
            // Behind a line end it belongs to the import all the same.
            if (end.line_before) return false;
            span.end = end.end;
            ahead = behind;
        } else if (end.kind != .end) {
            if (!end.line_before or end.word == .with or end.word == .assert) return false;
        }
        scan.import = span;
        scan.lexer = ahead;
        return true;
    }

    /// Goes to the end of a call in a condition.
    fn takeCall(scan: *Scan, token: Token, before: Sign) bool {
        const before_that, const operand_before = scan.operand_before;
        switch (operand_before.kind) {
            .open_paren,
            .open_brace,
            .close_brace,
            .open_bracket,
            .interpolation,
            .semicolon,
            .comma,
            .question,
            .colon,
            .and_and,
            .or_or,
            .nullish,
            .assign,
            .equality,
            .arrow,
            => {},
            .word => {
                if (operand_before.word != .@"return" or before_that.isMemberAccess()) return false;
            },
            else => return false,
        }
        // The default of a parameter: in a type, where the parser takes one too, it is no code.
        if (operand_before.kind == .assign and scan.lexer.isInParens()) return false;
        if (scan.count == scan.room.len) return false;
        const name = readArguments(&scan.lexer) orelse return false;
        var end = scan.lexer.last_end;
        if (takeCast(&scan.lexer)) {
            // Behind a `!` the cast is one of the whole operand. JavaScript has none.
            if (before.kind == .not or !scan.lexer.typescript_only) return false;
            end = scan.lexer.last_end;
        }
        if (!scan.isCondition(operand_before)) return false;
        const text = scan.lexer.cursor.text;
        scan.room[scan.count] = .{
            .whole = .{ .start = token.start, .end = end },
            .name = .{ .start = name.start, .end = name.end },
            .name_at = @intCast(@intFromPtr(name.text.ptr) - @intFromPtr(text.ptr) + 1),
            .name_size = @intCast(name.text.len - 2),
        };
        scan.count += 1;
        return true;
    }

    /// Whether the call that ends here stands in the test of an `if` or a `?:`.
    fn isCondition(scan: *Scan, before: Sign) bool {
        var ahead = scan.lexer;
        const next = ahead.next();
        const in_test = if (scan.in_test) |tested| tested.depth == scan.lexer.depth else false;
        switch (next.kind) {
            .close_paren, .equality => return in_test,
            .and_and, .or_or => return in_test or scan.isBeforeQuestion(before),
            .question => return scan.isBeforeQuestion(before),
            else => return false,
        }
    }

    /// Whether only such operands stand between here and the `?` of a `?:`.
    fn isBeforeQuestion(scan: *Scan, before: Sign) bool {
        if (scan.lexer.cursor.at >= scan.chain.end) scan.chain = .follow(scan.lexer);
        const behind = scan.chain.behind_question orelse return false;
        return isConditional(behind, before);
    }

    fn followTest(scan: *Scan, token: Token, before: Sign, before_that: Sign) void {
        if (token.kind == .open_paren and before.word == .@"if") {
            if (!before_that.isMemberAccess()) scan.in_test = .{ .depth = scan.lexer.depth };
            return;
        }
        const tested = &(scan.in_test orelse return);
        const ends = switch (token.kind) {
            .open_brace, .interpolation, .semicolon => true,
            else => scan.lexer.depth < tested.depth,
        };
        if (ends or (scan.lexer.depth == tested.depth and !mayStandInTest(token, before, tested))) {
            scan.in_test = null;
        } else scan.in_test = tested.*;
    }
};

/// Follows the `?` and `:` on the way.
fn mayStandInTest(token: Token, before: Sign, tested: *Test) bool {
    // `a?: b` is a parameter.
    if (before.kind == .question and token.kind == .colon) return false;
    switch (token.kind) {
        .word => return !no_test.contains(token.word),
        .question => tested.questions += 1,
        .colon => {
            if (tested.questions == 0) return false;
            tested.questions -= 1;
        },
        .comma, .assign, .arrow, .at, .template => return false,
        else => {},
    }
    return true;
}

/// `("NAME")`
fn readArguments(lexer: *Lexer) ?Token {
    if (lexer.next().kind != .open_paren) return null;
    const name = lexer.next();
    if (name.kind != .string or !isFlagName(name.text[1 .. name.text.len - 1])) return null;
    return if (lexer.next().kind == .close_paren) name else null;
}

fn takeCast(lexer: *Lexer) bool {
    var ahead = lexer.*;
    const as = ahead.next();
    if (as.word != .as or as.line_before or ahead.next().word != .boolean) return false;
    lexer.* = ahead;
    return true;
}

/// What a run of names and calls joined by `&&` and `||` ends with.
const Chain = struct {
    /// Bytes up to the end of the run.
    end: usize = 0,
    /// What stands behind the `?` at its end. Null when no `?` is there.
    behind_question: ?Token = null,

    fn follow(from: Lexer) Chain {
        var lexer = from;
        const is_question = passOperands(&lexer);
        const end = lexer.cursor.at;
        return .{ .end = end, .behind_question = if (is_question) lexer.next() else null };
    }

    /// Whether it comes to the `?` of a `?:`, or what might be one.
    fn passOperands(lexer: *Lexer) bool {
        var token = lexer.next();
        while (token.kind == .and_and or token.kind == .or_or) {
            token = lexer.next();
            while (token.kind == .not) token = lexer.next();
            if (token.kind != .word) return false;
            if (token.word == .feature) {
                _ = readArguments(lexer) orelse return false;
                token = lexer.next();
                continue;
            }
            token = lexer.next();
            while (token.kind == .dot) {
                if (lexer.next().kind != .word) return false;
                token = lexer.next();
            }
        }
        return token.kind == .question;
    }
};

/// Whether a `?` cannot be the mark of an optional member, parameter or element.
fn isConditional(behind: Token, before: Sign) bool {
    switch (behind.kind) {
        .colon, .semicolon, .comma, .close_paren, .close_bracket, .close_brace => return false,
        .question, .assign, .end, .unknown => return false,
        else => {},
    }
    switch (before.kind) {
        // A member could begin here, and its signature behind the mark.
        .open_brace, .close_brace, .semicolon, .comma => {
            if (behind.kind == .open_paren or behind.kind == .less) return false;
        },
        .assign, .arrow, .colon, .open_bracket => {},
        else => return true,
    }
    // A type could end at the mark.
    return !behind.line_before;
}

/// A use of `Bun` that is not its configuration; true as well for a token that is no use of it.
fn isPlainBun(before_last: Sign, last: Sign, token: Token) bool {
    if (last.word == .Bun) return token.kind == .dot;
    if (before_last.word == .Bun and last.kind == .dot) {
        return token.kind == .word and token.word != .config;
    }
    return true;
}

fn isString(token: Token, content: []const u8) bool {
    return token.kind == .string and
        std.mem.eql(u8, token.text[1 .. token.text.len - 1], content);
}

fn isFlagName(name: []const u8) bool {
    if (name.len == 0) return false;
    for (name) |byte| switch (byte) {
        'a'...'z', 'A'...'Z', '0'...'9', '_', '.', '-' => {},
        else => return false,
    };
    return true;
}
