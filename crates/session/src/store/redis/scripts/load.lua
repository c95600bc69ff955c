-- KEYS: record, generations. ARGV: now, latest kill that counts, when the id was issued.
-- Answers a record as one JSON text, what a tombstone tells as a list of one, or a word.
local all, f, values = redis.call('HGETALL', KEYS[1]), {}, {}
if #all == 0 then
    if was_killed(KEYS[2], 'guests', num(ARGV[3]), num(ARGV[2])) then return 'killed' end
    return 'none'
end
for i = 1, #all, 2 do
    local name = all[i]
    if #name == 1 then
        f[name] = all[i + 1]
    else
        values[#values + 1] = string.sub(name, 2) .. ':' .. all[i + 1]
    end
end
local how = judge(f, KEYS[2], num(ARGV[1]))
if how == 'r' then return {f.w or ''} end
if how ~= 'live' then return how end

-- Its a, s, c or null, u, trail and values. What lacks a part is no JSON, and no record.
local cookie = f.c == '' and 'null' or f.c or ''
local trail = string.gsub(f.t or '?', '\n', ',')
return '[' .. (f.a or '') .. ',' .. (f.s or '') .. ',' .. cookie .. ',' .. (f.u or '') .. ',[' .. trail .. '],{'
    .. table.concat(values, ',') .. '}]'
