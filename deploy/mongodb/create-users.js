// Runs once in mongosh, when the data volume is new: each service reaches its own database and no other.
for (const name of ['billing', 'notification']) {
  db.getSiblingDB(name).createUser({
    user: name,
    pwd: process.env[`${name.toUpperCase()}_PASSWORD`],
    roles: [{ role: 'readWrite', db: name }],
  });
}
