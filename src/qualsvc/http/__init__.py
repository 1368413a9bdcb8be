"""HTTP shared by all routers: problems, strict JSON, bodies, query parameters."""
