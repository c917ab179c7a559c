-- Posts one body over and over and counts the answers that are not the expected one.
--     wrk -s wrk.lua URL -- BODY_FILE CONTENT_TYPE ACCEPT EXPECTED_FILE [ids]
-- With ids, every request has an inference id of its own.

local threads = {}
local expected

local function content(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  wrk.method = "POST"
  wrk.body = content(arguments[1])
  wrk.headers["Content-Type"] = arguments[2]
  wrk.headers["Accept"] = arguments[3]
  expected = content(arguments[4])
  wrong = 0
  first = ""
  if arguments[5] == "ids" then
    local number = 0
    wrk.request = function()
      number = number + 1
      wrk.headers["X-Amzn-SageMaker-Inference-Id"] = string.format("request-%09d", number)
      return wrk.format()
    end
  else
    local request = wrk.format()
    wrk.request = function() return request end
  end
end

function response(status, _, body)
  if status ~= 200 or body ~= expected then
    wrong = wrong + 1
    first = status .. " " .. body
  end
end

function done(summary, latency)
  local wrong, first = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    first = first .. thread:get("first")
  end
  local errors = summary.errors
  print(string.format(
    "measured requests=%d us=%d p50=%d p99=%d wrong=%d errors=%d first=%s",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrong,
    errors.connect + errors.read + errors.write + errors.timeout, first:sub(1, 200)
  ))
end
