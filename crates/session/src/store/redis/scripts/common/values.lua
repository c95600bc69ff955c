-- The limits of value.rs.
local MOST_VALUES, MOST_BYTES = 256, 65536

-- What changes of values would make of their number and bytes, and of each field: its new value, or false. The
-- changes are fields and new values in turn in ARGV, '' where a value goes; `kept` is what stands in k and b and
-- in those fields.
local function weigh(kept, first, last)
    local number, bytes, pending = num(kept[1]), num(kept[2]), {}
    for i = first, last, 2 do
        local field, new = ARGV[i], ARGV[i + 1]
        local old = pending[field]
        if old == nil then old = kept[3 + (i - first) / 2] end
        -- A field is a letter and the key as JSON; a colon stands behind that.
        if old then
            number = number - 1
            bytes = bytes - #field - #old
        end
        if new ~= '' then
            number = number + 1
            bytes = bytes + #field + #new
        end
        pending[field] = new ~= '' and new
    end
    return number, bytes, pending
end

-- Writes them, with other fields and their values that stand in `set`.
local function write_values(record, number, bytes, pending, set)
    local gone = {}
    set[#set + 1] = 'k'
    set[#set + 1] = number
    set[#set + 1] = 'b'
    set[#set + 1] = bytes
    for field, value in pairs(pending) do
        if value then
            set[#set + 1] = field
            set[#set + 1] = value
        else
            gone[#gone + 1] = field
        end
    end
    redis.call('HSET', record, unpack(set))
    if #gone > 0 then redis.call('HDEL', record, unpack(gone)) end
end

-- The values as one JSON object: braces, and commas between.
local function total(number, bytes)
    return 2 + bytes + math.max(number - 1, 0)
end
