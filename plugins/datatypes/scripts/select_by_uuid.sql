SELECT * FROM datatypes WHERE uuid_ref = %(uuid_ref)s
