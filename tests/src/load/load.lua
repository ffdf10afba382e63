-- Reads one small file over and over, and checks every answer.
--
--   wrk ... --script load.lua <url> -- <connector> <path> <lines> <version>...
--
-- An answer counts for a version when its status is 200 and its body is, from
-- first byte to last, the file as that version tells it. Everything else
-- counts as wrong.

local STEP = 100

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local connector, path, lines = args[1], args[2], tonumber(args[3])
  wrk.method = "GET"
  wrk.headers["Host"] = "layer1-" .. connector
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = string.format('{"filepath":"%s","userId":"load"}', path)
  known = {}
  for index = 4, #args do
    known[string.rep("version " .. args[index] .. "...\n", lines)] = args[index]
  end
  counts, first_wrong, answered = {}, "", 0
  request_text = wrk.format()
end

function request()
  return request_text
end

function response(status, headers, body)
  local name = status == 200 and known[body] or "wrong"
  counts[name] = (counts[name] or 0) + 1
  if name == "wrong" and first_wrong == "" then
    first_wrong = status .. " " .. string.sub(body, 1, 400)
  end
  answered = answered + 1
  if answered % STEP == 0 then
    io.write("answered ", STEP, "\n")
    io.flush()
  end
end

local function quoted(text)
  local escaped = text:gsub('[%c"\\\127-\255]', function(byte)
    return string.format("\\u%04x", string.byte(byte))
  end)
  return '"' .. escaped .. '"'
end

function done(summary, latency, requests)
  local bodies, wrong = {}, ""
  for _, thread in ipairs(threads) do
    for each, count in pairs(thread:get("counts")) do
      bodies[each] = (bodies[each] or 0) + count
    end
    if wrong == "" then
      wrong = thread:get("first_wrong")
    end
  end
  local listed = {}
  for each, count in pairs(bodies) do
    table.insert(listed, string.format('"%s":%d', each, count))
  end
  local errors = summary.errors
  io.write(string.format(
    'totals {"requests":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,'
      .. '"p99_us":%.0f,"seconds":%.3f,"bodies":{%s},"first_wrong":%s}\n',
    summary.requests, errors.connect, errors.read, errors.write, errors.timeout,
    latency:percentile(99), summary.duration / 1e6, table.concat(listed, ","), quoted(wrong)
  ))
end
