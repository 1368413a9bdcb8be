# What counts: the leaves of requirements, each on the day of the question.
package evidence

person := data.persons[input.person]

machine := data.equipment[input.equipment]

place := data.places[data.place_of[input.equipment][input.process]]

# All clauses hold; of a clause, one leaf.
met(clauses) if {
	every clause in clauses {
		some number in clause
		holds(data.leaves[number].kind, data.leaves[number])
	}
}

holds("held", leaf) if leaf.position in person.positions

holds("waived", leaf) if leaf.rule in person.waived

holds("certificate", leaf) if {
	some type in leaf.types
	some held in person.certificates[type]
	held.usable
	held.from <= input.day
	input.day <= held.until
	input.day <= held.review
	every asked in leaf.asks {
		meets(asked, leaf, held)
	}
}

holds("training", leaf) if {
	some done in person.training[leaf.course]
	done.on <= input.day
	input.day < done.undone
	input.day <= done.on + leaf.within_days
	done.score >= leaf.min_score
	done.hours >= leaf.min_hours
	done.attendance >= leaf.min_attendance
}

meets("verified", _, held) if held.verified

meets("level", leaf, held) if held.level in leaf.levels

meets("scope", leaf, held) if leaf.scope in held.scopes

meets("covers", leaf, held) if {
	every name in leaf.covers {
		held.limits[name] >= machine.ratings[name]
	}
}

# The gates, each under the code it is refused with.
gate("person_inactive") if person.active

gate("not_employed") if {
	person.from <= input.day
	input.day <= person.until
}

gate("company_not_approved") if input.day <= person.company_until

gate("restricted") if count(person.restricted) == 0

gate("restricted") if {
	count(person.restricted) > 0
	every area in person.restricted {
		not area in machine.areas
	}
}

gate("equipment_not_in_service") if machine.status == "in_service"

gate("equipment_not_in_service") if {
	machine.status == "locked_out"
	place.maintenance
}

gate("inspection_overdue") if input.day <= machine.inspected

gate("inspection_overdue") if place.maintenance

gates := {
	"person_inactive", "not_employed", "company_not_approved",
	"restricted", "equipment_not_in_service", "inspection_overdue",
}
