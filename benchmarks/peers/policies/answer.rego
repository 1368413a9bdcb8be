# Allow, conditional or deny, what the condition is, and why: a code, the rule and the certificate for each cause.
package answer

import data.evidence

# A state is a truth table of four bits, "allowed given nobody, confirmation, supervision, both"; six can come up.
answer := {"decision": decision, "obligations": obligations[state], "reasons": reasons}

decision := "allow" if state == 15

else := "deny" if state == 0

else := "conditional"

obligations := {
	0: [], 15: [], 8: [["confirmation", "supervisor_present"]], 10: [["confirmation"]],
	12: [["supervisor_present"]], 14: [["confirmation"], ["supervisor_present"]],
}

refused contains code if {
	some code in evidence.gates
	not evidence.gate(code)
}

state := 0 if count(refused) > 0

else := both({through(evidence.place.guards), either({of | some path in evidence.place.paths; of := way(path)})})

way(path) := both({entry(path.position), through(path.rules)})

entry(null) := 15

entry(position) := 15 if position in evidence.person.positions

else := 12 if position in evidence.person.trials

else := 0 if position != null

through(rules) := both({of | some code in rules; of := left[code]})

# What each rule of the place lets through.
left[code] := 15 if {
	some code in evidence.place.rules
	evidence.met(data.rules[code].asks)
}

left[code] := either({data.rules[code].enforced, supervised(code), waived(code)}) if {
	some code in evidence.place.rules
	not evidence.met(data.rules[code].asks)
}

supervised(code) := 12 if evidence.met(data.rules[code].supervised)

else := 0

waived(code) := 15 if {
	data.rules[code].waivable
	code in evidence.person.waived
}

else := 12 if {
	data.rules[code].waivable
	code in evidence.person.waived_supervised
}

else := 0

both(states) := 0 if 0 in states

else := 8 if 8 in states

else := 8 if {
	10 in states
	12 in states
}

else := 10 if 10 in states

else := 12 if 12 in states

else := 14 if 14 in states

else := 15

either(states) := 15 if 15 in states

else := 14 if 14 in states

else := 14 if {
	10 in states
	12 in states
}

else := 10 if 10 in states

else := 12 if 12 in states

else := 8 if 8 in states

else := 0

reasons contains {"code": code} if some code in refused

reasons contains {"code": "no_grant"} if count(evidence.place.paths) == 0

# Ways that are open to the person; where none is, what it would take.
entered contains path if {
	some path in evidence.place.paths
	entry(path.position) != 0
}

reasons contains {"code": "position_not_held", "position": path.position} if {
	count(entered) == 0
	some path in evidence.place.paths
}

reasons contains {"code": "supervision_required", "position": path.position} if {
	some path in entered
	entry(path.position) == 12
}

judged contains code if some code in evidence.place.guards

judged contains code if {
	some path in entered
	some code in path.rules
}

unmet contains code if {
	some code in judged
	not evidence.met(data.rules[code].asks)
}

reasons contains {"code": data.rules[code].remark, "rule": code} if {
	some code in unmet
	data.rules[code].remark != null
}

reasons contains {"code": "waived", "rule": code} if {
	some code in unmet
	waived(code) != 0
}

reasons contains object.union({"rule": code}, cause) if {
	some code in unmet
	data.rules[code].enforced != 15
	some clause in data.rules[code].asks
	not evidence.met([clause])
	some number in clause
	some cause in causes(data.leaves[number])
}

causes(leaf) := {{"code": "training_missing", "course": leaf.course}} if {
	leaf.kind == "training"
	not evidence.person.training[leaf.course]
}

else := {{"code": "training_lapsed", "course": leaf.course}} if {
	leaf.kind == "training"
	every done in evidence.person.training[leaf.course] {
		input.day > done.on + leaf.within_days
	}
}

else := {{"code": "training_insufficient", "course": leaf.course}} if leaf.kind == "training"

else := {{"code": "certificate_missing", "type": leaf.types[0]}} if {
	count([1 | some type in leaf.types; evidence.person.certificates[type]]) == 0
}

else := {{"code": code, "certificate": held.code} |
	some type in leaf.types
	some held in evidence.person.certificates[type]
	some code in faults
	fails(code, leaf, held)
}

faults := {
	"certificate_not_yet_valid", "certificate_expired", "certificate_review_overdue", "certificate_suspended",
	"certificate_revoked", "certificate_pending", "certificate_renewing", "certificate_unverified", "level_too_low", "scope_missing", "limit_exceeded",
}

fails("certificate_not_yet_valid", _, held) if input.day < held.from

fails("certificate_expired", _, held) if input.day > held.until

fails("certificate_review_overdue", _, held) if input.day > held.review

fails(code, _, held) if {
	code == concat("_", ["certificate", held.status])
	not held.usable
}

fails("certificate_unverified", leaf, held) if {
	"verified" in leaf.asks
	not held.verified
}

fails("level_too_low", leaf, held) if {
	"level" in leaf.asks
	not held.level in leaf.levels
}

fails("scope_missing", leaf, held) if {
	"scope" in leaf.asks
	not leaf.scope in held.scopes
}

fails("limit_exceeded", leaf, held) if {
	"covers" in leaf.asks
	not evidence.meets("covers", leaf, held)
}
