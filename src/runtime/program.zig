//! A program's own place on Linux and macOS, where the search for its record begins. The twin is
//! src/runtime/program.ts.

const std = @import("std");

const embedded = "/$bunfs/";
const installed = "/node_modules/";

/// The folder to look upwards from; empty where the working folder is the only place. Null for a
/// program inside an executable, and for what may be a path of Windows.
///
/// `main` is the path of the main module, absolute and without symbolic links; empty where there is
/// none.
pub fn folderOf(main: []const u8, cwd: []const u8) ?[]const u8 {
    if (main.len > 1 and main[1] == ':') return null;
    if (std.mem.startsWith(u8, main, embedded)) return null;
    if (main.len == 0 or main[0] != '/') return "";
    const at = std.mem.indexOf(u8, main, installed) orelse {
        const slash = std.mem.lastIndexOfScalar(u8, main, '/') orelse return null;
        const folder = main[0..@max(slash, 1)];
        return if (std.mem.eql(u8, folder, cwd)) "" else folder;
    };
    const project = main[0..at];
    return if (isInside(cwd, project)) "" else project;
}

fn isInside(cwd: []const u8, project: []const u8) bool {
    if (!std.mem.startsWith(u8, cwd, project)) return false;
    return cwd.len == project.len or cwd[project.len] == '/';
}

test "the place of a program" {
    const Case = struct { []const u8, []const u8, ?[]const u8 };
    for ([_]Case{
        .{ "/a/b/c.ts", "/w", "/a/b" },
        .{ "/c.ts", "/w", "/" },
        .{ "/w/c.ts", "/w", "" },
        .{ "", "/w", "" },
        .{ "c.ts", "/w", "" },
        .{ "/a/node_modules/x/c.js", "/w", "/a" },
        .{ "/a/node_modules/x/c.js", "/a", "" },
        .{ "/a/node_modules/x/c.js", "/a/sub", "" },
        .{ "/a/node_modules/x/c.js", "/ab", "/a" },
        .{ "/node_modules/x/c.js", "/", "" },
        .{ "/$bunfs/root/exe", "/w", null },
        .{ "B:/~BUN/root/exe", "/w", null },
    }) |case| {
        const folder = folderOf(case[0], case[1]);
        try std.testing.expectEqual(case[2] == null, folder == null);
        if (case[2]) |expected| try std.testing.expectEqualStrings(expected, folder.?);
    }
}
