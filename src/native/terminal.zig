//! The terminal behind a file descriptor: its size, and its mode (cooked or raw). Direct system
//! calls on Linux; the platform's own library on macOS and Windows; nothing elsewhere.

const std = @import("std");
const builtin = @import("builtin");
const layout = @import("../format/generated/layout.zig");
const struct_layout = @import("../base/struct_layout.zig");
const Fault = layout.Fault;

const platform = switch (builtin.os.tag) {
    .linux, .macos => @import("terminal_posix.zig"),
    .windows => @import("terminal_windows.zig"),
    else => struct {
        pub const State = u32;
        pub fn size(_: i32, _: *u32, _: *u32) Fault {
            return .unsupported;
        }
        pub fn read(_: i32, _: *State) Fault {
            return .unsupported;
        }
        pub fn write(_: i32, _: *const State) Fault {
            return .unsupported;
        }
        pub fn toRaw(_: *State) void {}
        pub fn toCooked(_: *State) void {}
        pub fn passOutput(_: *State) void {}
    },
};

pub const Size = extern struct { rows: u32, cols: u32 };

/// Values of `terminalMode` in the record.
pub const Mode = layout.TerminalMode;

/// How a terminal was before it was changed. What it holds is the platform's.
pub const Saved = extern struct {
    bytes: [layout.terminal_saved.size]u8 align(8),

    fn state(saved: *Saved) *platform.State {
        return @ptrCast(&saved.bytes);
    }
};

comptime {
    struct_layout.check(Size, layout.terminal_size);
    struct_layout.check(Saved, layout.terminal_saved);
    std.debug.assert(@sizeOf(platform.State) <= @sizeOf(Saved));
    std.debug.assert(@alignOf(platform.State) <= @alignOf(Saved));
}

/// The terminal's size now.
pub fn size(fd: i32, out: *Size) Fault {
    return platform.size(fd, &out.rows, &out.cols);
}

/// Brings the terminal into `mode` and remembers in `saved` how it was. Modes `none` and `pipe`
/// leave it as it is; `restore` is right after every mode.
pub fn setMode(fd: i32, mode: Mode, saved: *Saved) Fault {
    var state: platform.State = undefined;
    const fault = platform.read(fd, &state);
    if (fault != .none) return fault;
    saved.state().* = state;
    switch (mode) {
        .none, .pipe => return .none,
        .raw => platform.toRaw(&state),
        .cooked => platform.toCooked(&state),
    }
    return platform.write(fd, &state);
}

/// Lets the terminal show every byte as it is, and remembers in `saved` how it was.
pub fn passOutput(fd: i32, saved: *Saved) Fault {
    var state: platform.State = undefined;
    const fault = platform.read(fd, &state);
    if (fault != .none) return fault;
    saved.state().* = state;
    platform.passOutput(&state);
    return platform.write(fd, &state);
}

/// Brings the terminal back to what `setMode` or `passOutput` found.
pub fn restore(fd: i32, saved: *Saved) Fault {
    return platform.write(fd, saved.state());
}

/// The record's terminal made real: its mode set, its size with each 0 replaced by the
/// terminal's own.
pub fn init(fd: i32, mode: Mode, rows: u8, cols: u8, saved: *Saved, out: *Size) Fault {
    out.* = .{ .rows = rows, .cols = cols };
    if (rows == 0 or cols == 0) {
        var real: Size = undefined;
        const fault = size(fd, &real);
        if (fault != .none) return fault;
        if (rows == 0) out.rows = real.rows;
        if (cols == 0) out.cols = real.cols;
    }
    return setMode(fd, mode, saved);
}

test "what is no terminal is said to be none" {
    if (platform.State == u32) return error.SkipZigTest;
    var out: Size = undefined;
    var saved: Saved = undefined;
    try std.testing.expectEqual(.not_a_terminal, size(-1, &out));
    try std.testing.expectEqual(.not_a_terminal, init(-1, .raw, 24, 80, &saved, &out));
}
