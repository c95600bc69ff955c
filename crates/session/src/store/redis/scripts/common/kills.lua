-- Kill generations, by subject: those of users and guests, and the realm's.
local function generation(gens, subject)
    return read_generation(redis.call('HGET', gens, subject))
end

-- Whether an id issued then may not begin a session.
local function was_killed(gens, subject, issued, latest)
    for _, whose in ipairs({subject, 'realm'}) do
        local _, killed_at = generation(gens, whose)
        if killed_at and issued <= killed_at and killed_at <= latest then return true end
    end
    return false
end
