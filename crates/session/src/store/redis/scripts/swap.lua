-- Compare and set of one value. KEYS: record, generations.
-- ARGV: now, field, length of the key as JSON, expected, new; both '' = no value.
-- Without `new` it only reads. Answers {'ok'}, {'now', value or ''}, {'gone', letter}, {'many'} or {'large', bytes}.
local how = stand(KEYS[1], KEYS[2], num(ARGV[1]))
if how ~= 'live' then return {'gone', ending(how)} end
local current = redis.call('HGET', KEYS[1], ARGV[2]) or ''
if #ARGV < 5 or current ~= ARGV[4] then return {'now', current} end
local new = ARGV[5]
if new == current then return {'ok'} end
local number, bytes, pending = weigh(KEYS[1], {{ARGV[2], num(ARGV[3]), new ~= '' and new or nil}})
if new ~= '' and number > MOST_VALUES then return {'many'} end
if new ~= '' and total(number, bytes) > MOST_BYTES then return {'large', total(number, bytes)} end
write_values(KEYS[1], number, bytes, pending)
return {'ok'}
