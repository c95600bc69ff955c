-- The keys of a user's records, as the realm's lists know them.
local function owned(owners, subject)
    local found = {}
    local from = subject .. '\0'
    for _, member in ipairs(redis.call('ZRANGEBYLEX', owners, '[' .. from, '[' .. from .. '\255')) do
        -- Another user's id may begin with this one and a zero byte.
        if #member == #from + 64 then found[#found + 1] = string.sub(member, #from + 1) end
    end
    return found
end
