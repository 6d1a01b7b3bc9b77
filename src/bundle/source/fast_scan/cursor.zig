//! A place in a source: how far a lexer has come, in bytes and in UTF-16 code units, and what it
//! passes over.

const std = @import("std");

/// A copy of it looks ahead.
pub const Cursor = struct {
    text: []const u8,
    at: usize = 0,
    /// How many bytes more than UTF-16 code units lie before `at`.
    surplus: usize = 0,

    /// `text` is valid UTF-8 and shorter than 4 GiB. A byte order mark is passed over.
    pub fn init(text: []const u8) Cursor {
        if (!std.mem.startsWith(u8, text, "\xef\xbb\xbf")) return .{ .text = text };
        return .{ .text = text, .at = 3, .surplus = 2 };
    }

    pub fn peek(cursor: *const Cursor, ahead: usize) u8 {
        const index = cursor.at + ahead;
        return if (index < cursor.text.len) cursor.text[index] else 0;
    }

    pub fn startsWith(cursor: *const Cursor, prefix: []const u8) bool {
        return std.mem.startsWith(u8, cursor.text[cursor.at..], prefix);
    }

    /// Passes over blanks and comments. Null when a parser must tell what they are.
    pub fn skipBlank(cursor: *Cursor) ?bool {
        var line_before = false;
        while (cursor.at < cursor.text.len) {
            switch (cursor.text[cursor.at]) {
                ' ', '\t', 0x0b, 0x0c => cursor.at += 1,
                '\n', '\r' => {
                    line_before = true;
                    cursor.at += 1;
                },
                '/' => switch (cursor.peek(1)) {
                    '/' => if (!cursor.skipLineComment()) return null,
                    '*' => line_before = (cursor.skipBlockComment() orelse return null) or line_before,
                    else => return line_before,
                },
                else => return line_before,
            }
        }
        return line_before;
    }

    fn skipLineComment(cursor: *Cursor) bool {
        while (cursor.at < cursor.text.len) {
            if (cursor.text[cursor.at] == '\n' or cursor.text[cursor.at] == '\r') return true;
            if (cursor.isSeparator()) return false;
            cursor.step();
        }
        return true;
    }

    /// Whether it spans lines; null when it does not end.
    fn skipBlockComment(cursor: *Cursor) ?bool {
        var spans_lines = false;
        cursor.at += 2;
        while (cursor.at < cursor.text.len) {
            if (cursor.startsWith("*/")) {
                cursor.at += 2;
                return spans_lines;
            }
            if (cursor.isSeparator()) return null;
            const byte = cursor.text[cursor.at];
            spans_lines = spans_lines or byte == '\n' or byte == '\r';
            cursor.step();
        }
        return null;
    }

    /// U+2028 and U+2029 end lines, too.
    pub fn isSeparator(cursor: *const Cursor) bool {
        return cursor.startsWith("\xe2\x80\xa8") or cursor.startsWith("\xe2\x80\xa9");
    }

    /// Goes on by a byte within a literal or a comment, the only places for others than ASCII.
    pub fn step(cursor: *Cursor) void {
        const byte = cursor.text[cursor.at];
        cursor.at += 1;
        // The first byte of a character tells its length. One of four bytes is two units.
        if (byte >= 0xe0) cursor.surplus += 2 else if (byte >= 0xc0) cursor.surplus += 1;
    }
};
