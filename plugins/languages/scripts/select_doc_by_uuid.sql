SELECT * FROM languages WHERE uuid_ref = %(uuid_ref)s
