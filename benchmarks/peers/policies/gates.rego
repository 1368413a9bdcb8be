# What no rule lifts, the likeliest to fail first.
package gates

operation if {
	data.equipment[input.equipment].status == "in_service"
	data.equipment[input.equipment].inspected >= input.day
	of_person
}

maintenance if {
	data.equipment[input.equipment].status in {"in_service", "locked_out"}
	of_person
}

of_person if {
	data.persons[input.person].active
	data.persons[input.person].from <= input.day
	data.persons[input.person].until >= input.day
	data.persons[input.person].company_until >= input.day
	not restricted
}

restricted if {
	some area in data.persons[input.person].restricted
	area in data.equipment[input.equipment].areas
}
