SELECT * FROM sizes WHERE uuid_ref = %(uuid_ref)s
