-- SPDX-License-Identifier: Apache-2.0
-- wrk.lua FILE: ask what the lines of FILE say, in turn, again and again.
--
--	path TAB token
--
-- Every request is made before the clock starts.  Prints one line of JSON.

local ready, n = {}, 0

function init(args)
	for line in io.lines(args[1]) do
		local path, token = line:match("^(.-)\t(.*)$")
		ready[#ready + 1] = wrk.format("GET", path, {
			["Host"] = wrk.headers["Host"],
			["Accept"] = "application/json+fhir",
			["Authorization"] = "Bearer " .. token,
		})
	end
end

function request()
	n = n % #ready + 1
	return ready[n]
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format(
	    '{"requests":%d,"us":%d,"p99":%d,"bad":%d,"lost":%d}\n',
	    summary.requests, summary.duration, latency:percentile(99),
	    e.status, e.connect + e.read + e.write + e.timeout))
end
