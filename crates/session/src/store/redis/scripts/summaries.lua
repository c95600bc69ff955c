-- What lists of sessions show of live ones. KEYS: generations, records…. ARGV: now.
local shown = {}
for i = 2, #KEYS do
    if stand(KEYS[i], KEYS[1], num(ARGV[1])) == 'live' then
        shown[i - 1] = redis.call('HMGET', KEYS[i], 'a', 's', 'i')
    else
        shown[i - 1] = {}
    end
end
return shown
