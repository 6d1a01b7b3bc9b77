//! Structs that cross into other languages lie in memory as those expect.

const std = @import("std");

/// Fails to compile unless `Struct` has exactly these fields at these offsets, and this size.
///
/// `offsets` has a member for each field, and `size`.
pub fn check(comptime Struct: type, comptime offsets: anytype) void {
    const assert = std.debug.assert;
    const fields = @typeInfo(Struct).@"struct".fields;
    assert(fields.len + 1 == @typeInfo(@TypeOf(offsets)).@"struct".fields.len);
    for (fields) |field| assert(@offsetOf(Struct, field.name) == @field(offsets, field.name));
    assert(@sizeOf(Struct) == offsets.size);
}
