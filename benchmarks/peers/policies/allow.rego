# Yes or no: the gates, and the place that the machine and the process are. Places and leaves are written from the plant.
package allow

default allow := false

allow if data.place[data.place_of[input.equipment][input.process]].allow
