-- Compare and set of one value. KEYS: record, generations.
-- ARGV: now, field, new, expected; both '' = no value.
-- Without `new` it only reads. Answers {'ok'}, {'now', value or ''}, {'gone', letter}, {'many'} or {'large', bytes}.
local how, _, kept = stand(KEYS[1], KEYS[2], num(ARGV[1]), 'k', 'b', ARGV[2])
if how ~= 'live' then return {'gone', ending(how)} end
local current, new = kept[3] or '', ARGV[3]
if #ARGV < 4 or current ~= ARGV[4] then return {'now', current} end
if new == current then return {'ok'} end
local number, bytes, pending = weigh(kept, 2, 3)
if new ~= '' and number > MOST_VALUES then return {'many'} end
if new ~= '' and total(number, bytes) > MOST_BYTES then return {'large', total(number, bytes)} end
write_values(KEYS[1], number, bytes, pending, {})
return {'ok'}
